// The shell around every page: top bar, left bar, what is said about the connection, and messages.
import { TooltipProvider } from "@radix-ui/react-tooltip";
import { Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { warmSession } from "@/api/http";
import { HOME, PAGES } from "@/pages";
import { Spinner } from "@/ui/Spinner";
import { Banner } from "./Banner";
import { Boundary } from "./Boundary";
import { Nav } from "./Nav";
import { match, replace, usePlace } from "./router";
import "./app.css";
import { Toasts } from "./Toasts";
import { TopBar } from "./TopBar";

export function App() {
  const place = usePlace();
  const { t } = useTranslation("app");
  useEffect(warmSession, []);
  useEffect(() => {
    if (place.path === "/") replace(HOME);
  }, [place.path]);

  let shown = null;
  for (const page of PAGES) {
    const params = match(page.path, place.path);
    if (params) {
      shown = <page.Component key={place.path} params={params} query={place.query} />;
      break;
    }
  }
  return (
    <TooltipProvider delayDuration={350} skipDelayDuration={200}>
      <div className="app">
        <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.focus(); }}>{t("skip")}</a>
        <TopBar />
        <Banner />
        <div className="app-middle">
          <Nav path={place.path} />
          <main id="main" className="app-main" tabIndex={-1}>
            <Boundary key={place.path}>
              <Suspense fallback={<div className="empty"><Spinner /></div>}>
                {shown ?? (place.path === "/" ? null : <NotFound />)}
              </Suspense>
            </Boundary>
          </main>
        </div>
        <Toasts />
      </div>
    </TooltipProvider>
  );
}

function NotFound() {
  const { t } = useTranslation("app");
  return (
    <div className="empty">
      <h2>{t("notFound.title")}</h2>
      <a href={`#${HOME}`}>{t("notFound.back")}</a>
    </div>
  );
}
