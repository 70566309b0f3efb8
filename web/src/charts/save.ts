// Hands text or a picture to the browser as a file.
export function saveText(text: string, name: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  click(address, name);
  // Not at once: some browsers begin to read a moment later.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function saveDataAddress(address: string, name: string): void {
  click(address, name);
}

function click(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name.replace(/[\\/:*?"<>|]+/g, "_");
  link.click();
}
