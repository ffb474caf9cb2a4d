// router.svelte.ts -- the address after the #: which view, of what, how shown.
class Route {
  parts = $state.raw<string[]>([]);
  query = $state.raw(new URLSearchParams());

  constructor() {
    const read = () => {
      const [path = '', search = ''] = location.hash.replace(/^#\/?/, '').split('?');
      this.parts = path.split('/').filter(Boolean).map(decodeURIComponent);
      this.query = new URLSearchParams(search);
    };
    addEventListener('hashchange', read);
    read();
  }

  get = (name: string) => this.query.get(name) ?? '';

  // Changes how the view is shown, which is no new place in the history.
  set(changes: Record<string, string | undefined>) {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(changes)) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    history.replaceState(null, '', link(this.parts, Object.fromEntries(query)));
    this.query = query;
  }
}

export function link(parts: (string | number)[], query: Record<string, string> = {}): string {
  const search = new URLSearchParams(query).toString();
  return `#/${parts.map((p) => encodeURIComponent(p)).join('/')}${search ? `?${search}` : ''}`;
}

export const go = (parts: (string | number)[], query?: Record<string, string>) => {
  location.hash = link(parts, query);
};

export const route = new Route();
