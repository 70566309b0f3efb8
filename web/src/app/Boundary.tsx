// A page that breaks says so in its own place; the rest of the window goes on.
import { Component, type ReactNode } from "react";
import { Broken } from "./Broken";

interface State {
  error: Error | null;
}

export class Boundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override componentDidCatch(): void {
    // React has told the browser's console; there is nobody else to tell.
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    return <Broken error={this.state.error} again={() => this.setState({ error: null })} />;
  }
}
