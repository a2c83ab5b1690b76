/** What people say of a picture or to the bot beside what they want: it asks for nothing. */

/** What is said to people who are only kind. */
export const KIND: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:thanks?|thank you|thx|ty|(?:(?:that|this|it)(?: is|'s|s| looks) |looks )?(?:so |really |just |very |much )?(?:perfect|great|awesome|amazing|lovely|wonderful|beautiful|excellent|brilliant|nice|cool|fantastic|better$|better(?= now| thanks?| thank you))|(?:i )?(?:really )?love (?:it|this|that)|well done|good (?:job|work|bot)|(?:so |very )?good$|(?:you're|you are|ur) (?:the best|great|awesome|amazing)|you rock|wow|(?:👍|❤|🎉|🙏|😀|😍|👏|🔥|💯|😊|🥰)+)(?: .{0,20})?$/iu,
    'Thank you: go on and',
  ],
  [/^(?:h[ae]llo|hi|hey|yo|good (?:morning|evening|day|night|afternoon))(?: .{0,20})?$/i, 'Hello:'],
  [
    /^(?:lol|haha|ok|okay|yes|no|please|sorry|sure|nope|that's (?:it|all)|(?:i'm|i am|we're) (?:done|finished)|done|finished|bye(?: bye)?)(?: .{0,20})?$/i,
    'All right:',
  ],
];

const BAD =
  'awful|terrible|horrible|ugly|bad|weird|wrong|odd|strange|fake|unnatural|worse|off|boring|right|good|great|nice|it|what i (?:wanted|want|meant|asked(?: for)?|said|had in mind)';
const THANKS =
  /^(?:(?:many )?thanks?|thank you|thx|ty|cheers)(?: (?:so|very|a) (?:much|lot)| you| in advance| again| all| guys)*$/i;
const COMPLAINTS = [
  /^(?:u+gh+|e+w+|yuck|meh|argh+|oh (?:no|dear)|omg|wtf|damn|nah|no+|nope|oops|almost|terrible|awful|horrible|ugly|bad|worse|wrong)$/i,
  new RegExp(
    `^(?:that|this|it|the (?:result|picture|edit|last one|new one))(?:'s|s| is| was| looks?| came out| turned out) (?:(?:so|really|very|just|pretty|kind of|kinda|a bit|quite|not) )*(?:${BAD})$`,
    'i',
  ),
  new RegExp(`^not (?:(?:quite|really|exactly) )?(?:${BAD}|that)$`, 'i'),
  /^i (?:really )?(?:(?:don't|dont|do not|didn't) (?:really )?(?:like|love|want)|hate|dislike) (?:it|this|that)$/i,
  /^(?:(?:that|this)(?:'s| is| was) (?:the )?|you \p{L}+ the )?wrong (?:one|item|thing|\p{L}+)$/iu,
];
/** No more than that is said. */
const LONGEST = 60;

const isFeeling = (text: string): boolean =>
  THANKS.test(text) ||
  COMPLAINTS.some((pattern) => pattern.test(text)) ||
  KIND.some(([pattern]) => pattern.test(text) && !/ (?:but|except|and|though) /i.test(text));

/** Whether a part of a message only says how somebody feels: "that looks awful", "ugh, no", "thanks". */
export const feels = (text: string): boolean =>
  text.length <= LONGEST && text.split(/[,.!]+ ?/).every((said) => said === '' || isFeeling(said));
