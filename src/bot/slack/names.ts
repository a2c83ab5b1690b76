/** What the app's manifest (docs/slack-manifest.json) and this code must call alike; a test compares them. */

export const COMMAND = '/dedit';

/** Callback id of the message shortcut "Edit with dedit". */
export const SHORTCUT = 'edit_with_dedit';

/** Events of the Events API; the four message events arrive as `message` (docs.slack.dev/reference/events). */
export const EVENTS = [
  'app_mention',
  'message.channels',
  'message.groups',
  'message.im',
  'message.mpim',
  'reaction_added',
] as const;

/** The least that works, each with what does not work without it (docs.slack.dev/reference/scopes). */
export const SCOPES: Readonly<Record<string, string>> = {
  'app_mentions:read': 'mentions are not heard',
  'channels:history': 'words in threads of public channels are not heard',
  'chat:write': 'nothing can be answered',
  commands: '/dedit and the message shortcut do not exist',
  'files:read': 'pictures cannot be fetched, and the form of /dedit does not open',
  'files:write': 'pictures cannot be sent',
  'groups:history': 'words in threads of private channels are not heard',
  'im:history': 'direct messages are not heard',
  'mpim:history': 'words in group messages are not heard',
  'reactions:read': 'reactions are not heard',
};
