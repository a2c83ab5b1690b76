import type { Command } from './command.js';

const WORDS =
  /^(?:(?:export|download|save)(?: (?:it|this|that|all|everything|(?:the |my )?(?:picture|image|photo|pic|files?|result|masks?|layers?)))?|export (?:it )?(?:as|to) (?:a )?(?:png|jpe?g|file)|(?:give|send|get|show) (?:me )?(?:the )?(?:final|finished|full) (?:picture|image|photo|pic|result|version)|(?:give|send) (?:me )?(?:the |my )?(?:picture|image|photo|pic|result)|(?:show|give|send) (?:me )?(?:it|the (?:picture|image|photo)) without (?:the |any )?(?:numbers|labels|outlines|overlay)|(?:give|send|get) (?:me )?(?:the |all |all the )?(?:files?|png|masks?|label map|full (?:size|resolution)(?: picture| image)?|original file))$/i;

export const exportFiles: Command = {
  name: 'export',
  help: 'send the picture, overlay, label map and items as files',
  examples: ['export', 'download', 'give me the files'],
  parse: (text) => (WORDS.test(text) ? { kind: 'export' } : undefined),
};
