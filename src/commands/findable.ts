/** Whether words may be what a thing is called that no item is, so that it is worth looking for. */
import { AMOUNTS } from './amounts.js';
import { isLook } from './looks.js';
import { PICTURE } from './several.js';

/** Names of things that are looked for have at most so many words. */
const LONGEST = 4;

const NOBODY =
  'nothing|none|nobody|no one|neither|either|something|anything|someone|somebody|anybody|whatever|whoever|what|stuff|rest|few|couple|several';
/** What is no picture's: people speak of the bot, of what it did, or of how all of it looks. */
const NOT_SEEN =
  'me|myself|you|us|yourself|sorry|wait|chat|history|conversation|thread|session|messages?|data|account|colou?rs?|blur|noise|contrast|brightness|quality|changes?|edits?|steps?|day|night|filters?|effects?|numbers|labels|overlay|square|tighter|closer|horizontally|vertically|sideways';
/** A part of something: what is found would be all of it. */
const PART =
  'half|(?:left|right|top|bottom|upper|lower)(?: (?:half|part|side|corner|edge|end))?$|(?:parts?|bits?|pieces?|some|most|rest|left|right|top|bottom|end|side|edge) of';

const NO_NAME = [
  // "the whole", "both", "the last change", "not that"
  new RegExp(
    `^(?:things?|items?|objects?|both|all|another|whole|entire|every(?:thing|one)|not|others?|each|any|no|only|just|it|them|ones?|more|less|last|${PART}|${NOBODY})(?: |$)`,
    'i',
  ),
  new RegExp(`^(?:(?:the|a|an|my) )*(?:the|an?|my|${NOT_SEEN})$`, 'i'),
  // "cup on", "the left one", "sky clean"
  /(?:^| )(?:ones?|items?|things?|more|less|again|on|in|at|to|and|or|of|with|is|it|clean|up|down|away|off|out|here|there|back)$/i,
  /^one on /i,
  // "in the gap", "the biggest", "the first two"
  /^(?:in|on|at|out|off|up|down|over) |(?:^| )(?:two|three|four|five|biggest|largest|smallest|tallest|nearest|closest|darkest|brightest)$/i,
  // a sentence, and no name: "bag because it's ugly", "hat you added"
  /(?:^| )(?:because|cause|since|so|it's|its|looks?|you|now) /i,
  // what is another colour is no thing by itself
  /'s colou?r$/i,
  // "the dog and its leash", "the dog or the bag"
  /(?:^| )(?:and|or|but|not|no|except|rather|than|instead|only) /i,
  AMOUNTS,
];

export const isThingToFind = (words: string): boolean =>
  /^\p{L}[\p{L}' -]*$/u.test(words) &&
  words.split(' ').length <= LONGEST &&
  !NO_NAME.some((pattern) => pattern.test(words)) &&
  !isLook(words) &&
  !PICTURE.test(words);
