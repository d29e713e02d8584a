import { useEffect, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';

/** What a one-time link says; either may stand in the fragment, which never leaves the browser, or in the query. */
export interface LinkWords {
  readonly token: string | undefined;
  /** SHA-256 of the platform's root certificate, if the link names one. */
  readonly root: string | undefined;
}

/** Reads the secret of a one-time link from the two places it may stand. */
export function readLinkWords(hash: string, search: string): LinkWords {
  const inHash = new URLSearchParams(hash.replace(/^#/, ''));
  const inQuery = new URLSearchParams(search);
  const word = (name: string, pattern: RegExp): string | undefined => {
    const value = inHash.get(name) ?? inQuery.get(name);
    return value !== null && pattern.test(value) ? value : undefined;
  };
  return { token: word('token', /^[A-Za-z0-9_-]{1,128}$/), root: word('root', /^[0-9A-Fa-f:]{64,95}$/) };
}

/**
 * The link this page was opened with; the secret is taken out of the address bar, history and screenshots at once.
 * Another link opened in the same tab takes its place.
 */
export function useLink(): LinkWords {
  const { hash, search, pathname } = useLocation();
  const go = useNavigate();
  const [words, setWords] = useState(() => readLinkWords(hash, search));
  useEffect(() => {
    const next = readLinkWords(hash, search);
    if (next.token === undefined) return;
    setWords(next);
    void go(pathname, { replace: true });
  }, [hash, search, pathname, go]);
  return words;
}
