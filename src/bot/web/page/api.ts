/** A request that came back with a refusal: `message` is fit for a person. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Refusals begin small and end without a stop, as part of a sentence; here they stand alone. */
const sentence = (text: string): string => {
  const full = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(full) ? full : `${full}.`;
};

/** @throws Refused, with status 0 when nobody answers */
export async function ask<T>(path: string, options: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refused(0, 'The server does not answer. Is dedit still running? Try again in a moment.');
  }
  const body = (await response.json().catch(() => ({}))) as { error?: string };
  if (!response.ok)
    throw new Refused(response.status, sentence(body.error ?? 'that did not work: try again'));
  return body as T;
}

export const tell = <T>(path: string, value: unknown): Promise<T> =>
  ask<T>(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(value),
  });

/** Sends a file and tells how much of it is sent, from 0 to 1. @throws Refused */
export const upload = <T>(path: string, file: Blob, onSent: (share: number) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.responseType = 'json';
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.addEventListener('progress', ({ loaded, total }) => onSent(loaded / total));
    request.addEventListener('load', () => {
      const answer = request.response as { error?: string } | null;
      if (request.status < 400) resolve(answer as T);
      else reject(new Refused(request.status, sentence(answer?.error ?? 'the picture was not taken')));
    });
    request.addEventListener('error', () =>
      reject(new Refused(0, 'The picture could not be sent: is dedit running? Try again in a moment.')),
    );
    request.send(file);
  });
