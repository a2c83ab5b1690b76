import { $, button, make } from './dom.js';

/** What the buttons under the picture do need not be offered in each reply too. */
const TOOLS = new Set(['undo', 'again', 'show', 'compare']);

/** The conversation. Words of the bot on the left, one's own on the right. */
export class Log {
  /** @param show called with a reply whose picture is chosen; say with words and the reply they answer */
  constructor({ show, say }) {
    this.show = show;
    this.say = say;
  }

  clear() {
    $('log').replaceChildren();
  }

  /** Appends; stays at the end unless the person reads further up. */
  #append(article, force) {
    const log = $('log');
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    log.append(article);
    const toEnd = () => (log.scrollTop = log.scrollHeight);
    if (atEnd || force) {
      toEnd();
      for (const image of article.querySelectorAll('img'))
        image.addEventListener('load', toEnd, { once: true });
    }
  }

  mine(text) {
    this.#append(make('article', { className: 'mine' }, make('p', {}, text)), true);
  }

  refusal(text) {
    this.#append(make('article', { className: 'refusal' }, make('p', {}, text)), true);
  }

  /** @param picture whether its picture is worth showing here: it is not when the one above is the same */
  reply(reply, thread, root, picture) {
    const article = make('article', { className: reply.kind }, make('p', {}, reply.text));
    if (reply.picture && picture) article.append(this.#thumb(reply, thread, root));
    const actions = (reply.actions ?? [])
      .filter(({ say }) => !TOOLS.has(say))
      .map(({ label, say }) => button(label, () => this.say(say, reply.id), { className: 'quiet small' }));
    const links = [];
    if (reply.link)
      links.push(
        make(
          'a',
          { className: 'button small', href: reply.link.url, target: '_blank', rel: 'noopener' },
          reply.link.label,
        ),
      );
    for (const { name, href } of reply.files ?? [])
      links.push(make('a', { className: 'button quiet small', href, download: name }, name));
    const row = [...actions, ...links];
    if (row.length > 0) article.append(make('div', { className: 'row' }, ...row));
    this.#append(article, false);
  }

  #thumb(reply, thread, root) {
    const { alt, thumb } = reply.picture;
    const of = (revision) => `/api/threads/${thread}/revisions/${revision}/thumb`;
    // a comparison is drawn from its two pictures: the server need not make one of them
    const sources =
      reply.kind === 'compare' && root
        ? [of(root), of(reply.revision)]
        : [reply.kind === 'result' ? of(reply.revision) : thumb];
    const images = sources.map((src, i) => make('img', { src, alt: i === 0 ? alt : '' }));
    return button(images, () => this.show(reply), { className: 'thumb', title: 'Show this picture' });
  }
}
