/**
 * The `ref` of a field that appears because of a click or a key: what is typed next belongs to it, from the same
 * instant. (An effect runs only after the next paint, and the first letters would be lost; a function made anew at
 * each drawing would take the focus, and the choice of the text, again and again.)
 */
export function focused(field: HTMLInputElement | null): void {
  field?.focus();
  field?.select();
}

/** Puts words into the field where one says what to change, for a person to go on with. */
export function type(words: string): void {
  const field = document.querySelector<HTMLInputElement>('#text')!;
  field.value = words;
  field.focus();
}
