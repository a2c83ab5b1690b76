import { ButtonStyle, ComponentType } from 'discord-api-types/v10';

/**
 * The limits that Discord's documentation and the comments of discord-api-types publish, checked on every body. Each
 * function returns what is wrong, as Discord's 50035 would say it.
 */
type Json = Record<string, unknown>;
type Check = (path: string, wrong: string) => void;

const text = (check: Check, path: string, value: unknown, max: number, min = 0): void => {
  if (typeof value !== 'string') check(path, `must be a string, is ${typeof value}`);
  else if (value.length > max || value.length < min)
    check(path, `must be ${min}-${max} characters, has ${value.length}`);
};
const optionalText = (check: Check, path: string, value: unknown, max: number, min = 0): void => {
  if (value !== undefined && value !== null) text(check, path, value, max, min);
};
const count = (check: Check, path: string, value: unknown, max: number, min = 0): Json[] => {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    check(path, 'must be a list');
    return [];
  }
  if (value.length > max || value.length < min)
    check(path, `must have ${min}-${max} entries, has ${value.length}`);
  return value as Json[];
};

function collect(run: (check: Check) => void): string[] {
  const wrong: string[] = [];
  run((path, what) => wrong.push(`${path}: ${what}`));
  return wrong;
}

export interface FileFacts {
  readonly id: number;
  readonly name: string;
  readonly bytes: Buffer;
}

/** @param empty whether a message may say nothing, as an edit may */
export const messageProblems = (
  body: Json,
  files: readonly FileFacts[],
  existing: readonly string[],
  empty: boolean,
) =>
  collect((check) => {
    optionalText(check, 'content', body['content'], 2000);
    optionalText(check, 'nonce', body['nonce'], 25);
    if (body['enforce_nonce'] === true && typeof body['nonce'] !== 'string')
      check('nonce', 'enforced but absent');
    const embeds = count(check, 'embeds', body['embeds'], 10);
    embeds.forEach((embed, i) => embedProblems(check, `embeds[${i}]`, embed));
    const rows = count(check, 'components', body['components'], 5);
    componentProblems(check, rows);
    if (files.length > 10) check('files', `at most 10, has ${files.length}`);
    const attachments = count(check, 'attachments', body['attachments'], 10);
    attachments.forEach((a, i) => {
      const path = `attachments[${i}]`;
      optionalText(check, `${path}.description`, a['description'], 1024);
      optionalText(check, `${path}.filename`, a['filename'], 1024, 1);
      if (!files.some((f) => String(f.id) === String(a['id'])) && !existing.includes(String(a['id'])))
        check(`${path}.id`, `there is no file or attachment ${String(a['id'])}`);
    });
    const mentions = body['allowed_mentions'] as Json | undefined;
    for (const parse of count(check, 'allowed_mentions.parse', mentions?.['parse'], 3))
      if (!['roles', 'users', 'everyone'].includes(String(parse)))
        check('allowed_mentions.parse', String(parse));
    const says = Boolean(body['content']) || files.length + embeds.length + rows.length > 0;
    if (!says && !empty) check('message', 'cannot send an empty message');
  });

function embedProblems(check: Check, path: string, embed: Json): void {
  optionalText(check, `${path}.title`, embed['title'], 256);
  optionalText(check, `${path}.description`, embed['description'], 4096);
  const footer = (embed['footer'] as Json | undefined)?.['text'];
  const author = (embed['author'] as Json | undefined)?.['name'];
  optionalText(check, `${path}.footer`, footer, 2048);
  optionalText(check, `${path}.author`, author, 256);
  const fields = count(check, `${path}.fields`, embed['fields'], 25);
  for (const field of fields) {
    text(check, `${path}.fields.name`, field['name'], 256, 1);
    text(check, `${path}.fields.value`, field['value'], 1024, 1);
  }
  const all = [
    embed['title'],
    embed['description'],
    footer,
    author,
    ...fields.flatMap((f) => [f['name'], f['value']]),
  ];
  if (all.join('').length > 6000) check(path, 'more than 6000 characters together');
}

function componentProblems(check: Check, rows: Json[]): void {
  const ids = new Set<string>();
  let all = rows.length;
  rows.forEach((row, r) => {
    const path = `components[${r}]`;
    if (row['type'] !== ComponentType.ActionRow) return check(path, 'must be an action row');
    const parts = count(check, `${path}.components`, row['components'], 5, 1);
    all += parts.length;
    const selects = parts.filter((p) => p['type'] === ComponentType.StringSelect).length;
    if (selects > 0 && parts.length > 1) check(path, 'a select menu fills a row');
    for (const part of parts) {
      const id = part['custom_id'];
      if (typeof id === 'string') {
        if (ids.has(id)) check(path, `custom_id ${id} is there twice`);
        ids.add(id);
      }
      if (part['type'] === ComponentType.Button) buttonProblems(check, path, part);
      else if (part['type'] === ComponentType.StringSelect) selectProblems(check, path, part);
      else check(path, `component type ${String(part['type'])} does not belong here`);
    }
  });
  if (all > 40) check('components', `at most 40 together, has ${all}`);
}

function buttonProblems(check: Check, path: string, button: Json): void {
  optionalText(check, `${path}.label`, button['label'], 80, 1);
  if (button['label'] === undefined && button['emoji'] === undefined) check(path, 'a button needs a label');
  const style = button['style'] as number;
  if (!(style >= 1 && style <= 6)) check(`${path}.style`, String(style));
  if (style === ButtonStyle.Link) {
    text(check, `${path}.url`, button['url'], 512, 1);
    if (!/^(https?|discord):\/\//.test(String(button['url']))) check(`${path}.url`, 'scheme');
    if (button['custom_id'] !== undefined) check(path, 'a link button has no custom_id');
  } else {
    text(check, `${path}.custom_id`, button['custom_id'], 100, 1);
    if (button['url'] !== undefined) check(path, 'only link buttons have an url');
  }
}

function selectProblems(check: Check, path: string, select: Json): void {
  text(check, `${path}.custom_id`, select['custom_id'], 100, 1);
  optionalText(check, `${path}.placeholder`, select['placeholder'], 150);
  const values = new Set<unknown>();
  for (const option of count(check, `${path}.options`, select['options'], 25, 1)) {
    text(check, `${path}.options.label`, option['label'], 100, 1);
    text(check, `${path}.options.value`, option['value'], 100, 1);
    optionalText(check, `${path}.options.description`, option['description'], 100);
    if (values.has(option['value']))
      check(`${path}.options`, `value ${String(option['value'])} is there twice`);
    values.add(option['value']);
  }
}

export const modalProblems = (data: Json) =>
  collect((check) => {
    text(check, 'custom_id', data['custom_id'], 100, 1);
    text(check, 'title', data['title'], 45, 1);
    for (const label of count(check, 'components', data['components'], 5, 1)) {
      if (label['type'] !== ComponentType.Label) check('components', 'a modal holds labels');
      text(check, 'label', label['label'], 45, 1);
      optionalText(check, 'label.description', label['description'], 100);
      const input = (label['component'] ?? {}) as Json;
      if (input['type'] !== ComponentType.TextInput) check('label.component', 'must be a text input here');
      text(check, 'input.custom_id', input['custom_id'], 100, 1);
      optionalText(check, 'input.placeholder', input['placeholder'], 100);
      optionalText(check, 'input.value', input['value'], 4000);
      if (Number(input['max_length'] ?? 1) > 4000 || Number(input['max_length'] ?? 1) < 1)
        check('input.max_length', '1-4000');
      if (Number(input['min_length'] ?? 0) > 4000) check('input.min_length', '0-4000');
      if (input['style'] !== 1 && input['style'] !== 2) check('input.style', 'short or paragraph');
    }
  });

export const choicesProblems = (data: Json) =>
  collect((check) => {
    for (const choice of count(check, 'choices', data['choices'], 25)) {
      text(check, 'choices.name', choice['name'], 100, 1);
      text(check, 'choices.value', choice['value'], 100);
    }
  });

export const threadProblems = (body: Json) =>
  collect((check) => {
    text(check, 'name', body['name'], 100, 1);
    const archive = body['auto_archive_duration'];
    if (archive !== undefined && ![60, 1440, 4320, 10080].includes(archive as number))
      check('auto_archive_duration', String(archive));
  });

export const commandProblems = (commands: Json[]) =>
  collect((check) => {
    if (commands.length > 100) check('commands', 'at most 100');
    for (const command of commands) {
      const slash = command['type'] === undefined || command['type'] === 1;
      text(check, 'name', command['name'], 32, 1);
      if (!slash) {
        if (command['description']) check('description', 'context-menu commands have none');
        continue;
      }
      if (!/^[-_'\p{Ll}\p{N}]{1,32}$/u.test(String(command['name']))) check('name', 'lower case only');
      text(check, 'description', command['description'], 100, 1);
      optionProblems(check, command['options']);
      if (JSON.stringify(command).length > 8000) check('command', 'more than 8000 characters');
    }
  });

function optionProblems(check: Check, options: unknown): void {
  let optional = false;
  for (const option of count(check, 'options', options, 25)) {
    if (!/^[-_'\p{Ll}\p{N}]{1,32}$/u.test(String(option['name'])))
      check('option.name', String(option['name']));
    text(check, 'option.description', option['description'], 100, 1);
    if (option['required'] === true && optional) check('option', 'required options come first');
    if (option['required'] !== true) optional = true;
    count(check, 'option.choices', option['choices'], 25);
    if (option['choices'] && option['autocomplete']) check('option', 'choices or autocomplete, not both');
    if (Number(option['max_length'] ?? 1) > 6000) check('option.max_length', '1-6000');
    if (option['type'] === 1 || option['type'] === 2) optional = false;
    optionProblems(check, option['options']);
  }
}
