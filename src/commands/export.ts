import type { Command } from './command.js';

const WORDS =
  /^(?:(?:export|download|save)(?: (?:it|this|that|all|everything|(?:the |my )?(?:picture|image|photo|pic|files?|result|masks?|layers?)))?|(?:give|send|get) (?:me )?(?:the |all |all the )?(?:files?|png|masks?|label map|full (?:size|resolution)(?: picture| image)?|original file))$/i;

export const exportFiles: Command = {
  name: 'export',
  help: 'send the picture, overlay, label map and items as files',
  examples: ['export', 'download', 'give me the files'],
  parse: (text) => (WORDS.test(text) ? { kind: 'export' } : undefined),
};
