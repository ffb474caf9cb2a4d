// blobs.ts -- bytes as an address for an image: the page's policy lets images come
// from the broker or be written out, and from nowhere else.
export const dataUrl = (blob: Blob) => new Promise<string>((done) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result as string);
  reader.readAsDataURL(blob);
});
