import { setTimeout as sleep } from 'node:timers/promises';
import type { FilesCompleteUploadExternalArguments, WebClient } from '@slack/web-api';
import { UserError } from '../../engine/errors.js';
import { download, DownloadError, isAllowed } from '../download.js';
import { checkReadable } from '../firstBytes.js';
import { FETCH_TIMEOUT, MAX_PICTURE } from '../limits.js';
import { slackCode } from './errors.js';
import type { SlackFile } from './events.js';

/** Where Slack keeps files; GovSlack has its own. Nothing else is ever asked for one, nor gets the token. */
export const slackHosts = ['files.slack.com', 'files.slack-gov.com'] as const;

const UPLOAD_TIMEOUT = 60_000;
/** A file is looked through, for malware too, after it was uploaded: asked for so often, so many ms apart. */
const TRIES = 20;
const WAIT = 300;

const NO_SCOPE =
  'Slack gives me a sign-in page instead of the file: the app needs the scope files:read (see docs/slack.md).';
const BARRED = (why: string) =>
  `Slack keeps this file from me (${why}), as workspaces of an organisation or of Slack Connect may set: send it to me in a direct message, or ask an admin to let the app see files here.`;

/** Slack's own words for files that are not to be had (docs.slack.dev/reference/methods/files.info). */
const GONE: Readonly<Record<string, string>> = {
  file_not_found: 'Slack does not show me this file: send it again, in a channel I am in.',
  file_deleted: 'The file was deleted: send it again.',
  access_denied: BARRED('access_denied'),
  team_access_not_granted: BARRED('team_access_not_granted'),
};

export interface FilesOptions {
  readonly botToken: string;
  readonly allowedHosts: readonly string[];
  /** For tests: how patient to be while Slack looks through a file. */
  readonly waitMs?: number;
}

/** A file that Slack has and nobody sees yet. */
export interface Staged {
  readonly id: string;
  readonly title: string;
}

/** Files from and to Slack. */
export class Files {
  constructor(
    private readonly client: WebClient,
    private readonly options: FilesOptions,
  ) {}

  /**
   * The bytes of a file a person shared.
   * @throws UserError that says why it cannot be had, or read
   */
  async fetch(file: SlackFile): Promise<Uint8Array> {
    const { allowedHosts, botToken } = this.options;
    // files of Slack Connect tell no more than their id (docs of the file object, "check_file_info")
    const bare = file.file_access === 'check_file_info' || !file.url_private_download;
    const at = bare ? await this.#info(file) : file;
    const barred = [at.file_access, at.access].find(
      (access) => access && !['visible', 'check_file_info'].includes(access),
    );
    if (barred) throw new UserError(BARRED(barred));
    const address = at.url_private_download ?? at.url_private;
    if (!address) throw new UserError(BARRED(at.file_access ?? 'no address'));
    try {
      const bytes = await download(address, {
        allowedHosts,
        maxBytes: MAX_PICTURE,
        timeoutMs: FETCH_TIMEOUT,
        headers: { Authorization: `Bearer ${botToken}` },
      });
      checkReadable(bytes);
      return bytes;
    } catch (error) {
      // without the scope Slack shows its sign-in page, or sends us there
      const signIn = error instanceof DownloadError && ['html', 'host'].includes(error.code);
      if (signIn && isAllowed(address, allowedHosts)) throw new UserError(NO_SCOPE);
      throw error;
    }
  }

  async #info(file: SlackFile): Promise<SlackFile> {
    try {
      return ((await this.client.files.info({ file: file.id })).file ?? file) as SlackFile;
    } catch (error) {
      const gone = GONE[slackCode(error) ?? ''];
      throw gone ? new UserError(gone) : error;
    }
  }

  /**
   * The first two of the three steps of an upload (docs.slack.dev/messaging/working-with-files). `filesUploadV2` of
   * the SDK would do all three, and again all three when only the last had failed. No alternative text goes along:
   * Slack calls it alt_txt, the SDK alt_text, and with it files were not shared (slackapi/python-slack-sdk#1818).
   */
  async stage(name: string, bytes: Uint8Array): Promise<Staged> {
    const { upload_url, file_id } = await this.client.files.getUploadURLExternal({
      ...{ filename: name, length: bytes.byteLength },
    });
    if (!upload_url || !file_id) throw new Error('Slack gave no address to upload to');
    const response = await fetch(upload_url, {
      method: 'POST',
      body: new Uint8Array(bytes),
      redirect: 'error',
      signal: AbortSignal.timeout(UPLOAD_TIMEOUT),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`Slack did not take the file ${name} (status ${response.status})`);
    return { id: file_id, title: name };
  }

  /** The last step: with a thread the files appear there, without they are the bot's own. */
  async complete(
    files: readonly [Staged, ...Staged[]],
    where?: { readonly channel_id: string; readonly thread_ts: string; readonly initial_comment?: string },
  ): Promise<void> {
    await this.client.files.completeUploadExternal({
      ...where,
      files: files.map(({ id, title }) => ({ id, title })),
    } as FilesCompleteUploadExternalArguments);
  }

  /**
   * Whether blocks may name the file, which its type tells (slackapi/java-slack-sdk#1349): resolves when they may, or
   * after a while.
   */
  async processed(id: string): Promise<boolean> {
    return (await this.#ask(id, ({ mimetype }) => mimetype || undefined)) !== undefined;
  }

  /** A file that no message shows any more; one that stays behind does no harm. */
  async remove(id: string): Promise<void> {
    await this.client.files.delete({ file: id }).catch(() => undefined);
  }

  /** The ts of the message in which a file was shared; undefined when Slack has made none yet. */
  async sharedAs(id: string, channel: string): Promise<string | undefined> {
    return await this.#ask(id, ({ shares }) => {
      const { public: open, private: closed } = (shares ?? {}) as Record<
        string,
        Record<string, { ts?: string }[]> | undefined
      >;
      return open?.[channel]?.[0]?.ts ?? closed?.[channel]?.[0]?.ts;
    });
  }

  async #ask<T>(
    id: string,
    look: (file: { mimetype?: string; shares?: unknown }) => T | undefined,
  ): Promise<T | undefined> {
    for (let i = 0; i < TRIES; i++) {
      const file = await this.client.files.info({ file: id }).then(
        (answer) => answer.file,
        // also said of files it has only just got (slackapi/python-slack-sdk#1961)
        (error: unknown) => {
          if (slackCode(error) !== 'file_not_found') throw error;
          return undefined;
        },
      );
      const found = file && look(file as { mimetype?: string; shares?: unknown });
      if (found !== undefined) return found;
      await sleep(this.options.waitMs ?? WAIT);
    }
    return undefined;
  }
}
