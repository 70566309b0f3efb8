//! The edges of a run as one array of successors per operator, laid end to end.

use crate::OpIx;

#[derive(Debug, Clone)]
pub(crate) struct Graph {
    /// Operator `i`'s successors are `targets[starts[i]..starts[i + 1]]`.
    starts: Vec<u32>,
    targets: Vec<OpIx>,
}

impl Graph {
    /// Edges that touch an operator for which `selected` is false are left out. `None` if an edge names an operator that isn't there.
    pub fn new(edges: &[(OpIx, OpIx)], selected: &[bool]) -> Option<Graph> {
        let ops = selected.len();
        if u32::try_from(ops).is_err() || u32::try_from(edges.len()).is_err() {
            return None;
        }
        let both =
            |&(source, target): &(OpIx, OpIx)| Some(*selected.get(source as usize)? & *selected.get(target as usize)?);
        let mut starts = vec![0u32; ops + 1];
        for edge in edges {
            if both(edge)? {
                starts[edge.0 as usize + 1] += 1;
            }
        }
        for i in 0..ops {
            starts[i + 1] += starts[i];
        }
        let mut targets = vec![0; starts[ops] as usize];
        let mut next = starts.clone();
        for edge in edges.iter().filter(|&edge| both(edge) == Some(true)) {
            let at = &mut next[edge.0 as usize];
            targets[*at as usize] = edge.1;
            *at += 1;
        }
        Some(Graph { starts, targets })
    }

    pub fn successors(&self, op: OpIx) -> &[OpIx] {
        &self.targets[self.span(op)]
    }

    /// Where `op`'s successors lie, for [`Graph::target`]: walks them without borrowing the graph.
    pub fn span(&self, op: OpIx) -> std::ops::Range<usize> {
        self.starts[op as usize] as usize..self.starts[op as usize + 1] as usize
    }

    pub fn target(&self, position: usize) -> OpIx {
        self.targets[position]
    }

    /// How many predecessors each operator has (a doubled edge counts twice, and is counted down twice).
    pub fn predecessor_counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.starts.len() - 1];
        for &target in &self.targets {
            counts[target as usize] += 1;
        }
        counts
    }

    /// Every operator after its predecessors; `None` if there is a cycle.
    pub fn topological_order(&self) -> Option<Vec<OpIx>> {
        let mut unmet = self.predecessor_counts();
        let mut order: Vec<OpIx> = (0..unmet.len() as u32).filter(|&op| unmet[op as usize] == 0).collect();
        let mut done = 0;
        while done < order.len() {
            for &target in self.successors(order[done]) {
                unmet[target as usize] -= 1;
                if unmet[target as usize] == 0 {
                    order.push(target);
                }
            }
            done += 1;
        }
        (order.len() == unmet.len()).then_some(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ops: usize, edges: &[(OpIx, OpIx)], expected: Option<&[OpIx]>) {
        let order = Graph::new(edges, &vec![true; ops]).and_then(|graph| graph.topological_order());
        assert_eq!(order.as_deref(), expected, "{ops} operators, {edges:?}");
    }

    #[test]
    fn order_or_fault() {
        check(0, &[], Some(&[]));
        check(3, &[], Some(&[0, 1, 2]));
        check(3, &[(2, 0), (0, 1)], Some(&[2, 0, 1]));
        check(2, &[(0, 1), (0, 1)], Some(&[0, 1]));
        check(2, &[(0, 1), (1, 0)], None);
        check(1, &[(0, 0)], None);
        check(2, &[(0, 2)], None);
        check(2, &[(9, 1)], None);
    }

    #[test]
    fn edges_outside_the_selection_are_left_out() {
        let graph = Graph::new(&[(0, 1), (1, 2), (0, 2)], &[true, false, true]).expect("all ends exist");
        assert_eq!(graph.predecessor_counts(), [0, 0, 1]);
        assert_eq!(graph.successors(0), [2]);
    }
}
