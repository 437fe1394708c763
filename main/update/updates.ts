import type { AppUpdater, CancellationToken } from 'electron-updater';
import { FailureError } from '../../contract/failure';
import type { UpdateFeed } from './feed';
import { updateFailure } from './update-failure';

/** A version that can be had. */
export type FoundUpdate = { version: string };

/**
 * Updates from the feed that the package names, and only when asked: nothing is asked of a network
 * before `check`, nothing fetched before `download`, nothing installed before `install`. What was
 * fetched must have the SHA-512 of the feed, and on Windows and macOS the publisher's signature.
 */
export class Updates {
  private readonly feed: UpdateFeed | null;
  private readonly onProgress: (share: number) => void;
  private updater: Promise<AppUpdater> | null = null;
  private cancellation: CancellationToken | null = null;
  private fetched = false;

  /** `feed` is null in a copy that has none. */
  constructor(feed: UpdateFeed | null, onProgress: (share: number) => void) {
    this.feed = feed;
    this.onProgress = onProgress;
  }

  /** Whether this copy knows where to look. */
  get isPossible(): boolean {
    return this.feed !== null;
  }

  /** A later version, or null where this one is the latest. */
  async check(): Promise<FoundUpdate | null> {
    const updater = await this.load();
    try {
      const result = await updater.checkForUpdates();
      return result?.isUpdateAvailable ? { version: result.updateInfo.version } : null;
    } catch (error) {
      throw updateFailure(error);
    }
  }

  /** Fetches and verifies what `check` found. */
  async download(): Promise<void> {
    const updater = await this.load();
    const { CancellationToken } = await import('electron-updater');
    this.cancellation = new CancellationToken();
    try {
      await updater.downloadUpdate(this.cancellation);
      this.fetched = true;
    } catch (error) {
      throw updateFailure(error);
    } finally {
      this.cancellation = null;
    }
  }

  cancel(): void {
    this.cancellation?.cancel();
  }

  /** Ends the app and puts the new version in its place. */
  async install(): Promise<void> {
    const updater = await this.load();
    if (!this.fetched) {
      throw new FailureError('usage', 'No update was downloaded yet: check for updates first.');
    }
    // The next launch is the user's on Linux: this one still holds the lock against a second instance.
    updater.quitAndInstall(false, process.platform !== 'linux');
  }

  private load(): Promise<AppUpdater> {
    const { feed } = this;
    if (feed === null) {
      throw new FailureError(
        'usage',
        'This copy of Timbrel has no update feed: install a newer package over it.',
      );
    }
    this.updater ??= this.open(feed);
    return this.updater;
  }

  private async open(feed: UpdateFeed): Promise<AppUpdater> {
    const { autoUpdater } = await import('electron-updater');
    autoUpdater.autoDownload = false;
    autoUpdater.autoInstallOnAppQuit = false;
    autoUpdater.allowDowngrade = false;
    autoUpdater.disableWebInstaller = true;
    autoUpdater.disableDifferentialDownload = true;
    // An id of this installation for gradual releases, which the library would make and send.
    autoUpdater.requestHeaders = { 'x-user-staging-id': 'none' };
    // Otherwise the library asks nothing where the app is not packaged.
    autoUpdater.forceDevUpdateConfig = true;
    autoUpdater.updateConfigPath = feed.file;
    autoUpdater.logger = null;
    autoUpdater.on('download-progress', ({ percent }) => this.onProgress(percent / 100));
    // Every failure is thrown as well; an `error` event that nobody hears would end the app.
    autoUpdater.on('error', () => undefined);
    return autoUpdater;
  }
}
