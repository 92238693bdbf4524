/**
 * Owns who plays on this page: nobody yet, a guest or somebody with an account. The SDK keeps the token (localStorage);
 * guests are made when they first play, not by looking at the page.
 */
import type { Client } from "@colyseus/sdk";
import type { User } from "../../schema/restAnswers.ts";
import { isLostSignIn, isRefusedName } from "./problems.ts";
import type { Rest } from "./Rest.ts";

/** Nobody waits longer than this to learn who they are, or for their name to be kept, before they play. */
const PATIENCE_MS = 3000;

export class Account {
  /** Null for nobody yet, and where the server could not tell. */
  user: User | null = null;
  private readonly client: Client;
  private readonly rest: Rest;

  constructor(client: Client, rest: Rest) {
    this.client = client;
    this.rest = rest;
  }

  get hasAccount(): boolean {
    return this.user !== null && !this.user.anonymous;
  }

  /** Asks whose the kept token is, if need be; one that is no good is thrown away. Throws where nobody can tell now. */
  async find(): Promise<User | null> {
    if (this.user !== null || !this.client.auth.token) return this.user;
    try {
      const { id, name, kind } = await this.rest.me(AbortSignal.timeout(PATIENCE_MS));
      this.user = { id, name, anonymous: kind === "anonymous" };
    } catch (error) {
      if (!isLostSignIn(error)) throw error;
      await this.signOut();
    }
    return this.user;
  }

  /** As `find`; null where nobody can tell now. */
  load(): Promise<User | null> {
    return this.find().catch(() => null);
  }

  /** Sees to a token and to the name that goes with it. Throws where the name cannot be had, or signing in fails. */
  async prepare(name: string): Promise<void> {
    await this.load();
    if (!this.client.auth.token) await this.renew();
    if (this.user === null || this.user.name === name) return;
    try {
      await this.rename(name, AbortSignal.timeout(PATIENCE_MS));
    } catch (error) {
      // With the records away people still play, under their old names.
      if (isRefusedName(error)) throw error;
    }
  }

  /** A token that is still good keeps its player; any other is replaced by a new guest's. */
  async renew(): Promise<void> {
    const { user } = await this.client.auth.signInAnonymously<User>();
    this.user = user;
  }

  /** Makes an account of the guest who plays here, with all that was played; without one, of somebody new. */
  async register(email: string, password: string, name: string): Promise<void> {
    const { user } = await this.client.auth.registerWithEmailAndPassword<User>(email, password, { name });
    this.user = user;
  }

  async signIn(email: string, password: string): Promise<void> {
    const { user } = await this.client.auth.signInWithEmailAndPassword<User>(email, password);
    this.user = user;
  }

  /** Has a link mailed by which another password can be set; tells nothing of whether the address is known. */
  async askForReset(email: string): Promise<void> {
    await this.client.auth.sendPasswordResetEmail(email);
  }

  /** Whoever plays here is signed out by it where the account is theirs; a guest stays. */
  async resetPassword(token: string, password: string): Promise<void> {
    await this.client.http.post("/auth/reset-password", { body: { token, password } });
    this.user = null;
    await this.load();
  }

  exportData(): Promise<unknown> {
    return this.rest.export();
  }

  async signOutEverywhere(): Promise<void> {
    await this.rest.revokeSessions();
    await this.signOut();
  }

  /** Of the guest or the account who plays here. */
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
