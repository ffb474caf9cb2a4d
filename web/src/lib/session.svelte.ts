// session.svelte.ts -- what all requests share: the token, and whether the
// broker answers.
class Session {
  token = $state(sessionStorage.getItem('token') ?? '');
  denied = $state(false); // the broker asks for a token, or for another one
  away = $state(false); // it does not answer at all
  since = $state(0); // when it last did

  give(token: string) {
    this.token = token;
    this.denied = false;
    sessionStorage.setItem('token', token);
  }

  answered() {
    this.away = false;
    this.since = Date.now();
  }
}

export const session = new Session();
