// Begins the page.
import { QueryClientProvider } from "@tanstack/react-query";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queries } from "@/api/queries";
import { App } from "@/app/App";
import { nonce } from "@/app/nonce";
import "@/i18n/setup";
import "@/ui/tokens.css";
import "@/ui/base.css";

setNonce(nonce());

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
}
