/**
 * Names that are two words in one, by the thing that they are: a handbag is a bag. Known ones only, since what ends alike
 * may be something else: an armchair is no hair, a hotdog no dog, a cupboard no board.
 */
const FIRSTS: Record<string, string> = {
  ...{
    bag: 'hand school gym tea bean',
    pack: 'back',
    case: 'suit brief book',
    box: 'mail letter tool lunch',
  },
  ...{ chair: 'arm wheel push high deck', stand: 'night', shelf: 'book', lamp: 'street desk', bin: 'dust' },
  ...{ board: 'skate surf snow white black chalk bill', ball: 'foot basket base volley soft snow' },
  ...{ boat: 'sail row motor speed steam', plane: 'air sea', bike: 'motor', cycle: 'motor', truck: 'fire' },
  ...{ car: 'race street', van: 'mini', light: 'street head spot flash', belt: 'seat', mill: 'wind' },
  ...{ pot: 'tea flower coffee', cup: 'tea', glass: 'wine', glasses: 'sun eye', cloth: 'table', mat: 'door' },
  ...{ coat: 'rain over', shirt: 'sweat under t- tee', scarf: 'head', band: 'head', hat: 'sun' },
  ...{ brush: 'tooth hair paint', phone: 'smart cell tele', phones: 'head ear', watch: 'wrist' },
  ...{ house: 'dog bird tree', paper: 'news wall', paste: 'tooth', book: 'note cook', flower: 'sun' },
  ...{ dog: 'sheep bull lap', cat: 'tom', horse: 'race', bird: 'black blue humming', fish: 'gold cat' },
  ...{ man: 'police fire snow', woman: 'police', walk: 'side cross', berry: 'straw blue rasp' },
};

const HEADS = new Map(
  Object.entries(FIRSTS).flatMap(([head, firsts]) => firsts.split(' ').map((first) => [first + head, head])),
);

/** Whether something of this name is called by the word, to the letter or as what it is: a "red handbag" is a "bag". */
export const isCalled = (name: string, word: string): boolean =>
  name.split(' ').some((part) => part === word || HEADS.get(part) === word);
