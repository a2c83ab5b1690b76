import { lookOf } from '../engine/edits/index.js';
import { lookAmounts, VAGUE } from './amounts.js';

const COLOUR =
  '(?:red|orange|yellow|green|blue|purple|violet|pink|magenta|cyan|teal|turquoise|brown|black|white|gr[ae]y|gold|golden|silver|beige|navy|maroon|rainbow|transparent|colou?rful)';
const LOOK =
  '(?:darker|brighter|lighter|happier|sadder|angrier|older|younger|shinier|softer|fluffier|cuter|warmer|cooler|happy|sad|angry|shiny|fluffy|furry|wooden|metallic|striped|dark|bright|blurry)';
const SHADE =
  '(?:(?:a|an|very|much|more|less|bit|little|lot|light|dark|bright|pale|deep|rich|soft|nice|lovely|pretty|beautiful|lighter|darker|brighter|deeper|paler|richer|softer|nicer|neon|hot|different|(?:shade|tone|tint|hue) of)[ -])*';
const LOOKS = new RegExp(
  `^${SHADE}(?:${COLOUR}|${LOOK}|colou?r|shade)(?:ish)?(?:(?: and |, ?| )${SHADE}(?:${COLOUR}|${LOOK}|colou?r|shade)(?:ish)?)*$`,
  'i',
);

/** Whether words say how something looks ("dark blue") and not what it is ("a cat"). */
export const isLook = (words: string): boolean =>
  LOOKS.test(words) || lookOf(lookAmounts(words)) !== undefined;

/** "a bit rusty", "a little rustier": of "a little dog" the little is the dog's. */
const SOMEWHAT = new RegExp(
  `^(?!a (?:little|tiny|wee) (?!(?:more|less|bit|\\p{L}+er)\\b))${VAGUE}(?: |$)`,
  'iu',
);

/** Whether words are a thing to draw and not a look: with an article, a count, or an emoji. */
export const isThing = (words: string): boolean =>
  !isLook(words) &&
  !SOMEWHAT.test(words) &&
  /^(?:(?:an?|some|another|two|three|four|five|several|many) |:\w+:|[\p{Extended_Pictographic}\p{RI}])/iu.test(
    words,
  );

/** What is filled with something stays what it is: "the cup", "her handbag". */
export const isVessel = (name: string): boolean => VESSEL.test(name);
const VESSEL =
  /\b(?:cup|glass|mug|bowl|bottle|vase|jar|pot|bucket|basket|plate|box|(?:hand)?bag|tub|pool|sink|fridge|shelf|tank)$/i;
