// The number that lets style sheets made at run time through the content security policy; the server puts it into the page.
export function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
}
