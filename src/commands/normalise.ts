/** Said to the bot before what is wanted; those that also begin an ordinary sentence need a comma after them. */
const GREETING =
  '<@[^>]*>|[@/]?dedit|no wait|(?:hey|hi|hello|yo)(?: (?:there|bot|you|guys))?|ok|okay|alright|so|well|now|then|next|also|and|but|just(?! (?:the|my|this|that|item|#?\\d)\\b)|even(?! more)|only(?= (?:make|turn|paint|blur|brighten|darken|move|replace|change|remove|delete)\\b)|first(?= (?:make|turn|paint|blur|move|replace|change|remove|delete|put|get|crop|resize)\\b)|maybe|perhaps|actually|wait|hmm+|u[hm]+|oh|oops|sorry|lol|haha|please|pls+|plz|plese|pleas|kindly';
const APPLAUSE =
  "first(?:ly)?|first of all|second(?:ly)?|third(?:ly)?|lastly|one (?:more|last|other) thing|another thing|good (?:morning|afternoon|evening|day)|no|nope|nah|yes|yeah|yep|great|nice|cool|perfect|awesome|good|lovely|wow|thanks|thank you|thx|(?:that's|thats|that is|it's|this is) (?:worse|wrong|bad|ugly|great|perfect|nice|better|not (?:it|right|good))";
/** "could you please", "I would like to", "how about": what is asked for comes after it. */
const ASKING = [
  '(?:would|do) you mind|try(?= \\w+ing\\b)',
  '(?:can|could|would|will|may|might) (?:you|we|i|u)',
  "(?:i'd|i would|we'd|we would) (?:like|love|want|prefer)(?: (?:you|for you))?(?: to)?",
  '(?:i|we) (?:want|need|wanna)(?: you)?(?: to)?',
  "let's|lets|let us|how about(?: we)?|what about|what if (?:you|we|i)|try to|try and|go ahead and|i (?:said|told you to|asked you to)(?= (?:to )?(?:make|remove|delete|move|replace|change|turn|blur|put|swap)\\b)(?: to)?",
  '(?:would|will) you be able to|are you able to|(?:would|is) it (?:be )?(?:ok|okay|possible|alright) to|(?:you|u) (?:should|can|could|may)|(?:is it|would it be) possible to|if (?:possible|you can|you could)(?=,? [a-z]+ )|(?:i wonder if|do you think) (?:you|we) (?:can|could)|is there a way to|be so kind (?:as|and)(?: to)?',
  '(?:can|could|may|might)(?= (?:the|my|it|this|that|item|number|#?\\d+) (?:.* )?(?:be|become|get) )',
  'help me(?: to)?|it would be (?:nice|great|good|cool) (?:to|if you could)',
].join('|');
const LEAD = new RegExp(
  `^(?:(?:(?:${GREETING}|${ASKING})[,:.!]* +)|(?:(?:${APPLAUSE})(?: ?[,:.!]+| but) +))+`,
  'i',
);

/** What people put after it, a word or two at a time. No rule here looks twice at what it passed: (?<!…) begins runs. */
const TAIL =
  /(?<![,.!?])[,.!?]* +(?:please|pls+|plz|plese|(?:many )?(?:thanks|thank you)(?: a lot| so much| very much| again| in advance)?|thx|ty|cheers|ta|for me|if (?:you can|you could|possible)|(?:will|would|could|can) you|right now|(?<!and )now|immediately|asap|quickly|ok|okay|too|as well|instead|lol|haha|:-?[)DP])$/i;
/** No tail is longer. */
const TAIL_LENGTH = 40;

/** Marks of lists, quotes, bold and code, and what other bots' commands begin with. */
const OPENING = /^(?:[>•*-] +|[*_~`'|]+(?=\S)|[!/$.](?=\p{L})|(?!:\w+:)[,.;:!] *(?=\S))+/u;
const CLOSING = /(?<![\s*_~`'|.!?,;🙏])[\s*_~`'|.!?,;🙏]+$/u;

/** How Slack writes what other platforms send as keycaps. */
const KEYCAPS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/**
 * What a message says, without what people and their keyboards put around it: smart quotes, arrows, keycap digits,
 * odd spaces, full-width forms, politeness. Saying the result again gives the same.
 */
export function normalise(text: string): string {
  let [before, after] = ['', text];
  // taking something away may uncover more: "please, could you … please!"
  for (let i = 0; i < 20 && before !== after; i++) {
    before = after;
    const plain = PLAIN.test(before);
    const typed = wellSpelt(plain ? before.replace(/ {2,}/g, ' ').trim() : typography(before));
    after = bare(typed);
    if (plain && after === typed) return after;
  }
  return after;
}

/** Words that patterns look for, as people often write them. */
const MISSPELT: Record<string, string> = {
  everything: 'everthing|evrything|everyting|everythign|eveything|everythin|evreything',
  background: 'backround|backgroud|bakground|backgorund|bacground|backgrund|backgroun|back-ground',
  except: 'exept|execpt|excpet|ecxept|expect for',
  picture: 'pitcure|picutre|pictrue|picure',
};
const ANY_MISSPELT = new RegExp(
  `\\b(?:${Object.values(MISSPELT)
    .map((written) => `(${written})`)
    .join('|')})\\b`,
  'gi',
);
const wellSpelt = (text: string): string =>
  text.replace(ANY_MISSPELT, (_, ...found: unknown[]) => {
    const words = Object.keys(MISSPELT);
    return words[found.slice(0, words.length).findIndex(Boolean)]!;
  });

/** Nothing here is written in more than one way. */
const PLAIN = /^[\w .,;!?'#%+&()/*-]*$/;

function typography(text: string): string {
  return text
    .replace(/[\p{Surrogate}\u{FDD0}\u{FDD1}]/gu, '')
    .normalize('NFKC')
    .replace(/<a?(:\w+:)\d+>/g, '$1')
    .replace(/:(\w+):/g, (written, name: string) => {
      const digit = KEYCAPS.indexOf(name) + 1;
      return digit > 0 ? `${digit} ` : written;
    })
    .replace(/([0-9])\u{FE0F}?\u{20E3}/gu, '$1 ')
    .replace(/[\u{FE0F}\u{20E3}]/gu, '')
    .replace(/[\u{AD}\u{61C}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}\u{FEFF}]/gu, '')
    .replace(/[‘’‚‛´]/g, "'")
    .replace(/[“”„‟«»"]/g, '')
    .replace(/<[-=—–]*>|[↔⇔⇄⇆⟷]/g, ' <-> ')
    .replace(/[→⇒➡⟶➔➜➝➞⮕]|(?<![-=—–~<])[-=—–~]+>/g, ' -> ')
    .replace(/[\s\p{Cc}\u{200B}\u{2060}]+/gu, ' ')
    .trim();
}

function bare(text: string): string {
  const said = withoutTail(withoutLead(text)).trim();
  // "?" alone asks for help, "please" alone for nothing
  return said === '' ? text : said;
}

function withoutLead(text: string): string {
  for (let said = text; ;) {
    const lead = OPENING.exec(said)?.[0] ?? LEAD.exec(said)?.[0];
    if (!lead) return said;
    said = said.slice(lead.length);
  }
}

function withoutTail(text: string): string {
  for (let said = text; ;) {
    const end = said.slice(-TAIL_LENGTH);
    const tail = CLOSING.exec(end)?.[0] ?? TAIL.exec(end)?.[0];
    if (!tail) return said;
    said = said.slice(0, -tail.length);
  }
}
