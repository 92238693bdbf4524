/**
 * The player of this page: nobody yet, a guest, or a player with an account. The SDK keeps the token (localStorage). A guest
 * is created with the first match, not by opening the page.
 */
import type { Client } from "@colyseus/sdk";
import type { User } from "../../schema/restAnswers.ts";
import { isNameRefused, isSignInLost } from "./problems.ts";
import type { Rest } from "./Rest.ts";

/** Time limit for reading the identity and for saving the name before a match. */
const TIMEOUT_MS = 3000;

export class Account {
  /** Null while there is no player yet, and if the identity could not be read. */
  user: User | null = null;
  private readonly client: Client;
  private readonly rest: Rest;

  constructor(client: Client, rest: Rest) {
    this.client = client;
    this.rest = rest;
  }

  /** Whether the player has an account, and is not a guest. */
  get isRegistered(): boolean {
    return this.user !== null && !this.user.anonymous;
  }

  /** Reads the identity for the stored token, once. Drops an invalid token. Rejects if the server does not respond. */
  async identify(): Promise<User | null> {
    if (this.user !== null || !this.client.auth.token) return this.user;
    try {
      const { id, name, kind } = await this.rest.me(AbortSignal.timeout(TIMEOUT_MS));
      this.user = { id, name, anonymous: kind === "anonymous" };
    } catch (error) {
      if (!isSignInLost(error)) throw error;
      await this.signOut();
    }
    return this.user;
  }

  /** Like `identify`, but resolves to null if the server does not respond. */
  tryIdentify(): Promise<User | null> {
    return this.identify().catch(() => null);
  }

  /** Ensures a token and the name that belongs to it. Rejects if the name is refused or signing in fails. */
  async ensureSignedIn(name: string): Promise<void> {
    await this.tryIdentify();
    if (!this.client.auth.token) await this.signInAsGuest();
    if (this.user === null || this.user.name === name) return;
    try {
      await this.rename(name, AbortSignal.timeout(TIMEOUT_MS));
    } catch (error) {
      // While the database is unavailable, players can still play, with their old names.
      if (isNameRefused(error)) throw error;
    }
  }

  /** A valid token keeps its player; any other is replaced by the token of a new guest. */
  async signInAsGuest(): Promise<void> {
    const { user } = await this.client.auth.signInAnonymously<User>();
    this.user = user;
  }

  /** Turns the guest of this page into an account that keeps its matches; without a guest it creates a new player. */
  async register(email: string, password: string, name: string): Promise<void> {
    const { user } = await this.client.auth.registerWithEmailAndPassword<User>(email, password, { name });
    this.user = user;
  }

  async signIn(email: string, password: string): Promise<void> {
    const { user } = await this.client.auth.signInWithEmailAndPassword<User>(email, password);
    this.user = user;
  }

  /** Requests an e-mail with a link to set a new password. Resolves for unknown addresses too. */
  async requestPasswordReset(email: string): Promise<void> {
    await this.client.auth.sendPasswordResetEmail(email);
  }

  /** Sets a new password. If the account is that of this page's player, signs them out. A guest stays signed in. */
  async resetPassword(token: string, password: string): Promise<void> {
    await this.client.http.post("/auth/reset-password", { body: { token, password } });
    this.user = null;
    await this.tryIdentify();
  }

  exportData(): Promise<unknown> {
    return this.rest.export();
  }

  async signOutEverywhere(): Promise<void> {
    await this.rest.revokeSessions();
    await this.signOut();
  }

  /** Deletes the guest or account of this page. */
  async delete(): Promise<void> {
    await this.rest.deleteMe();
    await this.signOut();
  }

  async signOut(): Promise<void> {
    await this.client.auth.signOut();
    this.user = null;
  }

  async rename(name: string, signal?: AbortSignal): Promise<void> {
    const { id, name: kept, kind } = await this.rest.rename(name, signal);
    this.user = { id, name: kept, anonymous: kind === "anonymous" };
  }
}
