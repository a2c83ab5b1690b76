import type { KnownBlock } from '@slack/types';
import { shortened } from '../limits.js';
import type { Reply } from '../platform.js';

/** Limits of Block Kit (docs.slack.dev/reference/block-kit/blocks, …/block-elements). */
const SECTION = 3000;
const SECTIONS = 4;
const ALT = 2000;
const BUTTON_TEXT = 75;
const BUTTON_VALUE = 2000;
const URL = 3000;
const ACTIONS = 5;
const OPTIONS = 100;

/** Action ids of what can be pressed; `say-0` and so on are buttons. */
export const SAY = /^say-\d$/;
export const ITEM = 'item';
export const LINK = 'link';

/** Plain text as Slack shows it: its three control characters escaped, so that nothing mentions or links. */
export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Escaped and cut, without halving an escape. */
export function cutEscaped(text: string, length: number): string {
  const escaped = escape(text);
  if (escaped.length <= length) return escaped;
  return `${shortened(escaped, length)
    .slice(0, -1)
    .replace(/&[a-z]{0,3}$/, '')}…`;
}

/** `<https://…|words>` and `<@U1>` in what a person typed, back to what they meant. */
export const unescape = (text: string): string =>
  text
    .replace(/<(?:https?|mailto):[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<((?:https?|mailto):[^>]*)>/g, '$1')
    .replace(/<[@#!][^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim();

/** What the id of a block begins with whose buttons answer another message than their own: the picture's. */
const ABOUT = 'about:';

/** The message a pressed button answers. */
export const answeredBy = (blockId: string | undefined, message: string): string =>
  blockId?.startsWith(ABOUT) ? blockId.slice(ABOUT.length) : message;

/** Long text, as of `help`, in several pieces that each fit a section; broken between lines where possible. */
function pieces(text: string): string[] {
  const found: string[] = [];
  let rest = text;
  while (rest && found.length < SECTIONS - 1 && escape(rest).length > SECTION) {
    let end = SECTION;
    while (escape(rest.slice(0, end)).length > SECTION) end -= 100;
    const line = rest.lastIndexOf('\n', end);
    if (line > end / 2) end = line;
    found.push(escape(rest.slice(0, end)));
    rest = rest.slice(end).replace(/^\n/, '');
  }
  if (rest) found.push(cutEscaped(rest, SECTION));
  return found;
}

/** The picture of a message: a file that Slack has, or the message in which it was shared. */
export interface Shown {
  readonly file?: string | undefined;
  readonly about?: string | undefined;
}

/** A reply as blocks. With `about` the words are left out: they were said with the picture. */
export function blocksOf(reply: Reply, { file, about }: Shown = {}): KnownBlock[] {
  const blocks: KnownBlock[] = (about ? [] : pieces(reply.text)).map((text) => ({
    type: 'section',
    text: { type: 'mrkdwn', text, verbatim: true },
  }));
  const unsaid: string[] = [];
  if (file && reply.picture)
    blocks.push({
      type: 'image',
      slack_file: { id: file },
      alt_text: shortened(reply.picture.alt, ALT),
    });
  const { link, items = [] } = reply;
  const buttons = (reply.actions ?? []).flatMap(({ label, say }, i) => {
    if (i >= ACTIONS || say.length > BUTTON_VALUE) {
      unsaid.push(`${label}: say "${say}"`);
      return [];
    }
    return [
      {
        type: 'button' as const,
        action_id: `say-${i}`,
        text: { type: 'plain_text' as const, text: shortened(label, BUTTON_TEXT) },
        value: say,
      },
    ];
  });
  if (link && link.url.length > URL) unsaid.push(`${link.label}: ${link.url}`);
  else if (link)
    blocks.push({
      type: 'actions',
      elements: [
        {
          type: 'button',
          action_id: LINK,
          text: { type: 'plain_text', text: shortened(link.label, BUTTON_TEXT) },
          url: link.url,
        },
      ],
    });
  if (unsaid.length > 0)
    blocks.push({
      type: 'section',
      text: { type: 'mrkdwn', text: cutEscaped(unsaid.join('\n'), SECTION), verbatim: true },
    });
  if (items.length > 0 || buttons.length > 0)
    blocks.push({
      type: 'actions',
      ...(about ? { block_id: `${ABOUT}${about}` } : {}),
      elements: [
        ...buttons,
        ...(items.length > 0
          ? [
              {
                type: 'static_select' as const,
                action_id: ITEM,
                placeholder: { type: 'plain_text' as const, text: 'Choose an item …' },
                options: items.slice(0, OPTIONS).map(({ number, name }) => ({
                  text: { type: 'plain_text' as const, text: shortened(`${number} ${name}`, BUTTON_TEXT) },
                  value: String(number),
                })),
              },
            ]
          : []),
      ],
    });
  return blocks;
}
