import type { KnownBlock } from '@slack/types';
import type { Reply } from '../platform.js';

/** Limits of Block Kit (docs.slack.dev/reference/block-kit). */
const SECTION = 3000;
const BUTTON_TEXT = 75;
const BUTTON_VALUE = 2000;
const ACTIONS = 5;
const OPTIONS = 100;

/** Plain text as Slack shows it: its three control characters escaped, so that nothing mentions or links. */
export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

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

/** The message of a reply, without its picture; `about` is the picture's message. */
export function blocksOf(reply: Reply, about?: string): KnownBlock[] {
  const blocks: KnownBlock[] = [];
  if (reply.text)
    blocks.push({
      type: 'section',
      text: { type: 'mrkdwn', text: cut(escape(reply.text), SECTION), verbatim: true },
    });
  const buttons = (reply.actions ?? []).slice(0, ACTIONS).map(({ label, say }, i) => ({
    type: 'button' as const,
    action_id: `say-${i}`,
    text: { type: 'plain_text' as const, text: cut(label, BUTTON_TEXT) },
    value: cut(say, BUTTON_VALUE),
  }));
  if (reply.link)
    blocks.push({
      type: 'actions',
      elements: [
        {
          type: 'button',
          action_id: 'link',
          text: { type: 'plain_text', text: cut(reply.link.label, BUTTON_TEXT) },
          url: reply.link.url,
        },
      ],
    });
  const items = reply.items ?? [];
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
                action_id: 'remove-item',
                placeholder: { type: 'plain_text' as const, text: 'Remove an item' },
                options: items.slice(0, OPTIONS).map(({ number, name }) => ({
                  text: { type: 'plain_text' as const, text: cut(`${number} ${name}`, BUTTON_TEXT) },
                  value: `remove ${number}`,
                })),
              },
            ]
          : []),
      ],
    });
  return blocks;
}
