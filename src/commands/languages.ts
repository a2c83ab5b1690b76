/** Other languages' words for what is said here: not one is carried out, but who uses them is told the English one. */

/** By the English example, the words that begin such a wish in German, French, Spanish, Italian, Dutch and Portuguese. */
const WORDS: Record<string, string> = {
  'remove 3':
    'entfern|entferne|entfernen|lösche|lösch|löschen|loesche|weg|supprime|supprimer|supprimez|enlève|enleve|enlever|efface|effacer|retire|retirer|quita|quitar|borra|borrar|elimina|eliminar|rimuovi|togli|verwijder|apaga|apagar|tire|tira',
  'replace 3 with a cat':
    'ersetze|ersetzen|ersetz|verwandle|remplace|remplacer|reemplaza|reemplazar|sustituye|cambia|cambiar|sostituisci|vervang|substitui|troca',
  'make 3 red': 'mach|mache|färbe|faerbe|mets|fais|colorie|haz|pon|pinta|fai|rendi|maak|faz|deixa',
  'move 3 left 40':
    'verschiebe|verschieb|bewege|schiebe|déplace|deplace|bouge|mueve|mover|sposta|muovi|verplaats|mova',
  'rotate 3 15': 'drehe|dreh|drehen|tourne|tourner|gira|girar|ruota|draai',
  'copy 3 right 30%': 'kopiere|kopier|verdopple|copie|copier|copia|copiar|duplica|kopieer',
  'swap 2 and 4': 'tausche|vertausche|échange|echange|intercambia|scambia|wissel',
  'cut out 3': 'schneide|coupe|couper|découpe|decoupe|recorta|recortar|ritaglia',
  undo: 'rückgängig|rueckgaengig|zurück|zurueck|annule|annuler|deshacer|deshaz|annulla|ongedaan|desfazer',
  help: 'hilfe|ayuda|aide|aiuto|ajuda',
};

const EXAMPLES = new Map(
  Object.entries(WORDS).flatMap(([example, words]) => words.split('|').map((word) => [word, example])),
);

/** What to say in English instead; undefined where the first word is none of other languages'. */
export const inEnglish = (text: string): string | undefined =>
  EXAMPLES.get(/^[\p{L}']+/u.exec(text.toLowerCase())?.[0] ?? '');
