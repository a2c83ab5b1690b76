/** What people put before what they want. */
const LEAD =
  /^(?:(?:<@[^>]*>|[@/]?dedit|hey|hi|ok|okay|please|pls|now|can you|could you|would you|i want (?:you )?to|let's)[,:]? +)+/i;

/** Typography people and their keyboards put in: smart quotes, arrows, keycap digits, odd spaces, full-width forms. */
export function normalise(text: string): string {
  const plain = text
    .normalize('NFKC')
    .replace(/([0-9])\u{FE0F}?\u{20E3}/gu, '$1 ')
    .replace(/[\u{FE0F}\u{20E3}]/gu, '')
    .replace(/[‘’‚‛`]/g, "'")
    .replace(/[“”„«»"]/g, '')
    .replace(/→|⇒|➡|⟶|—>|–>|->|=>/g, ' -> ')
    .replace(/[\s\u{200B}\u{2060}]+/gu, ' ')
    .trim();
  return plain
    .replace(LEAD, '')
    .replace(/^'+|['.!,;]+$/g, '')
    .replace(/,? (?:please|pls|thanks|thank you)$/i, '')
    .trim();
}
