/** Typography people and their keyboards put in: smart quotes, arrows, keycap digits, odd spaces, full-width forms. */
export function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u{FE0F}\u{20E3}]/gu, '')
    .replace(/[‘’‚‛]/g, "'")
    .replace(/[“”„«»"]/g, '')
    .replace(/\s*(?:→|⇒|➡|⟶|—>|–>|->|=>)\s*/g, ' -> ')
    .replace(/[\s\u{200B}]+/gu, ' ')
    .replace(/^'+|['.!]+$/g, '')
    .trim();
}
