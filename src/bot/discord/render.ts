import {
  ButtonStyle,
  ComponentType,
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIComponentInMessageActionRow,
  type RawFile,
} from 'discord.js';
import { fitPicture } from '../fitPicture.js';
import { megabytes } from '../limits.js';
import type { Reply } from '../platform.js';
import { itemsId, sayId } from './customId.js';
import { cutEscaped, escapeText, MAX_TEXT } from './escape.js';

/** A message as the REST API takes it, for sending and for editing alike: what is absent in the reply is cleared. */
export interface Rendered {
  readonly body: {
    readonly content: string;
    readonly components: APIActionRowComponent<APIComponentInMessageActionRow>[];
    readonly attachments: { readonly id: number; readonly filename: string; readonly description?: string }[];
    readonly allowed_mentions: { readonly parse: [] };
  };
  readonly files: RawFile[];
}

const MAX_FILES = 10;
const MAX_BUTTONS = 5;
const MAX_OPTIONS = 25;
const MAX_LABEL = { button: 80, option: 100, description: 1024, url: 512 };

/** Discord takes other names too, and changes them: what is sent is what is shown. */
const fileName = (name: string): string => name.replace(/[^\w.-]+/g, '_').slice(-100);

/** `maxBytes` is the limit of one file where the message goes. */
export async function render(reply: Reply, maxBytes: number): Promise<Rendered> {
  const notes: string[] = [];
  const attachments: { id: number; filename: string; description?: string }[] = [];
  const files: RawFile[] = [];
  const attach = (name: string, bytes: Uint8Array, type?: string, description?: string) => {
    const id = files.length;
    const filename = fileName(name);
    attachments.push({ id, filename, ...(description ? { description } : {}) });
    files.push({
      key: `files[${id}]`,
      name: filename,
      data: Buffer.from(bytes),
      ...(type && { contentType: type }),
    });
  };
  if (reply.picture) {
    const fitted = await fitPicture(reply.picture, maxBytes);
    attach(fitted.name, fitted.bytes, fitted.type, cutEscaped(reply.picture.alt, MAX_LABEL.description));
    if (fitted.note) notes.push(fitted.note);
  }
  for (const file of reply.files ?? []) {
    if (file.bytes.byteLength > maxBytes)
      notes.push(
        `${file.name} is left out: it has ${megabytes(file.bytes.byteLength)} and at most ${megabytes(maxBytes)} fit here.`,
      );
    else if (files.length === MAX_FILES) notes.push(`${file.name} is left out: ${MAX_FILES} files fit here.`);
    else attach(file.name, file.bytes);
  }
  const { rows, unsaid } = components(reply);
  notes.push(...unsaid);
  const tail = notes.map((note) => `\n${escapeText(note)}`).join('');
  const content = cutEscaped(
    cutEscaped(escapeText(reply.text), Math.max(200, MAX_TEXT - tail.length)) + tail,
    MAX_TEXT,
  );
  return { body: { content, components: rows, attachments, allowed_mentions: { parse: [] } }, files };
}

function components(reply: Reply) {
  const rows: APIActionRowComponent<APIComponentInMessageActionRow>[] = [];
  const unsaid: string[] = [];
  const buttons: APIButtonComponent[] = [];
  for (const { label, say } of reply.actions ?? []) {
    const custom_id = sayId(buttons.length, say);
    if (custom_id === undefined || buttons.length === MAX_BUTTONS) unsaid.push(`${label}: say "${say}"`);
    else
      buttons.push({
        type: ComponentType.Button,
        style: ButtonStyle.Secondary,
        label: cutEscaped(label, MAX_LABEL.button),
        custom_id,
      });
  }
  if (buttons.length > 0) rows.push({ type: ComponentType.ActionRow, components: buttons });
  if (reply.items && reply.items.length > 0) {
    const options = reply.items.slice(0, MAX_OPTIONS).map(({ number, name }) => ({
      label: cutEscaped(`${number} ${name}`, MAX_LABEL.option),
      value: String(number),
    }));
    const menu = {
      type: ComponentType.StringSelect,
      custom_id: itemsId,
      placeholder: 'Choose an item …',
      options,
    };
    rows.push({ type: ComponentType.ActionRow, components: [{ ...menu, type: ComponentType.StringSelect }] });
  }
  if (reply.link) {
    const { label, url } = reply.link;
    const link = {
      type: ComponentType.Button,
      style: ButtonStyle.Link,
      label: cutEscaped(label, MAX_LABEL.button),
      url,
    };
    if (url.length > MAX_LABEL.url) unsaid.push(`${label}: ${url}`);
    else
      rows.push({
        type: ComponentType.ActionRow,
        components: [{ ...link, type: ComponentType.Button, style: ButtonStyle.Link }],
      });
  }
  return { rows, unsaid };
}
