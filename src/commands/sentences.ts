/** Words that begin a command which names an item. */
const VERBS =
  'replace|change|turn|remove|delete|erase|rm|move|swap|exchange|switch|resize|scale|grow|shrink|merge|join|combine|split|rename|make|blend|mix|reshape|imagine';
/** Commands that stand alone. */
const ALONE = 'undo|redo|show|compare|history|export|status|reconstruct|again';
const STARTS = `(?:(?:${VERBS}) +(?:#?\\d|items? |the )|(?:${ALONE})\\b|#?\\d+ ?(?:->|→|=>))`;

/** Where one command ends and the next begins; a comma or "and" inside a prompt is not such a place. */
const BETWEEN = new RegExp(
  `[;\\n]+|,? ?\\b(?:and )?then +(?=${STARTS})|, ?(?:and )?(?=${STARTS})| and (?=${STARTS})`,
  'i',
);

/** More than this in one message is a mistake or mischief. */
const MOST = 10;

/** The commands of one message, as written. */
export function sentences(message: string): string[] {
  return message
    .split(BETWEEN)
    .map((part) => part.trim())
    .filter(Boolean)
    .slice(0, MOST);
}
