import "./ui/tokens.css";
import "./ui/base.css";
import "./app/app.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queries } from "./api/queries";
import { App } from "./app/App";
import { speak, wishedLanguage } from "./i18n/i18n";

const root = document.getElementById("root");
if (root) {
  void speak(wishedLanguage()).then(() =>
    createRoot(root).render(
      <StrictMode>
        <QueryClientProvider client={queries}>
          <App />
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
}
