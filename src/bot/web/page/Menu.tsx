import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icons.js';

interface MenuProps {
  readonly icon: IconName;
  readonly label: string;
  readonly id?: string;
  readonly children: ComponentChildren;
}

/** A button that opens a sheet of things; Escape, a click elsewhere or leaving it with the Tab key close it. */
export function Menu({ icon, label, id, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event): void => {
      if (!menu.current?.contains(event.target as Node)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      setOpen(false);
      opener.current?.focus();
    };
    addEventListener('pointerdown', outside);
    addEventListener('focusin', outside);
    addEventListener('keydown', onKey, { capture: true });
    return () => {
      removeEventListener('pointerdown', outside);
      removeEventListener('focusin', outside);
      removeEventListener('keydown', onKey, { capture: true });
    };
  }, [open]);
  return (
    <div class="menu" ref={menu}>
      <button
        type="button"
        class="tool"
        ref={opener}
        {...(id ? { id } : {})}
        aria-label={label}
        title={label}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name={icon} />
      </button>
      {open && (
        <div class="sheet" role="group" aria-label={label}>
          {children}
        </div>
      )}
    </div>
  );
}
