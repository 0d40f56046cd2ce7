//! Types that contain themselves: boxes where Rust needs them, errors where no type can be written.
//!
//! Nothing here recurses, because a schema may chain thousands of definitions.

use crate::diagnostic::Report;
use crate::model::{ItemId, Model, Shape, Type};

/// Puts a `Box` around every field and alternative that would make its own type infinitely large, and reports aliases
/// that stand for nothing but themselves.
pub(crate) fn box_recursive_fields(model: &mut Model<'_>, report: &mut Report<'_>) {
    report_alias_cycles(model, report);
    let edges: Vec<Vec<ItemId>> = model.items.iter().map(|item| by_value(&item.shape)).collect();
    let components = strongly_connected(&edges);
    for (index, item) in model.items.iter_mut().enumerate() {
        let types: Vec<&mut Type> = match &mut item.shape {
            Shape::Struct { fields, .. } => fields.iter_mut().map(|field| &mut field.rust_type).collect(),
            Shape::OneOf(alternatives) => alternatives.iter_mut().map(|it| &mut it.rust_type).collect(),
            Shape::Unknown | Shape::Names { .. } | Shape::Alias(_) => Vec::new(),
        };
        for held in types {
            let target = held_item(held);
            if target.is_some_and(|target| components[target] == components[index]) {
                put_into_box(held);
            }
        }
    }
}

/// Numbers the strongly connected components of a graph; nodes of a circle have the same number.
pub(crate) fn strongly_connected(edges: &[Vec<ItemId>]) -> Vec<usize> {
    let mut reversed: Vec<Vec<ItemId>> = vec![Vec::new(); edges.len()];
    for (from, targets) in edges.iter().enumerate() {
        for to in targets {
            reversed[*to].push(from);
        }
    }
    let mut finished = Vec::with_capacity(edges.len());
    let mut seen = vec![false; edges.len()];
    for start in 0..edges.len() {
        visit(edges, start, &mut seen, |node| finished.push(node));
    }
    let mut components = vec![0; edges.len()];
    let mut seen = vec![false; edges.len()];
    for start in finished.into_iter().rev() {
        visit(&reversed, start, &mut seen, |node| components[node] = start);
    }
    components
}

/// Walks depth first and says when a node and everything behind it is done.
fn visit(edges: &[Vec<ItemId>], start: ItemId, seen: &mut [bool], mut finish: impl FnMut(ItemId)) {
    if std::mem::replace(&mut seen[start], true) {
        return;
    }
    let mut path = vec![(start, 0)];
    while let Some((node, next)) = path.last_mut() {
        if let Some(target) = edges[*node].get(*next) {
            *next += 1;
            if !std::mem::replace(&mut seen[*target], true) {
                path.push((*target, 0));
            }
        } else {
            finish(*node);
            path.pop();
        }
    }
}

fn by_value(shape: &Shape<'_>) -> Vec<ItemId> {
    match shape {
        Shape::Struct { fields, .. } => fields.iter().filter_map(|field| held_item(&field.rust_type)).collect(),
        Shape::OneOf(alternatives) => alternatives.iter().filter_map(|it| held_item(&it.rust_type)).collect(),
        Shape::Alias(target) => held_item(target).into_iter().collect(),
        Shape::Unknown | Shape::Names { .. } => Vec::new(),
    }
}

/// The item that a value of this type holds in itself, not behind a pointer.
fn held_item(held: &Type) -> Option<ItemId> {
    match held {
        Type::Item(item) => Some(*item),
        Type::Optional(inner) => held_item(inner),
        _ => None,
    }
}

fn put_into_box(held: &mut Type) {
    match held {
        Type::Optional(inner) => put_into_box(inner),
        other => *other = Type::Boxed(Box::new(other.clone())),
    }
}

/// An alias has one target, so that a circle is found by walking on and marking.
fn report_alias_cycles(model: &Model<'_>, report: &mut Report<'_>) {
    let next = |item: ItemId| match &model.items[item].shape {
        Shape::Alias(target) => target.item(),
        _ => None,
    };
    let mut walk_of = vec![usize::MAX; model.items.len()];
    for start in 0..model.items.len() {
        let mut here = start;
        while walk_of[here] == usize::MAX {
            walk_of[here] = start;
            let Some(target) = next(here) else { break };
            here = target;
            if walk_of[here] == start {
                let message = format!("`{}` refers to itself without an object in between", model.items[here].name);
                report.error("json-schema/reference", &model.items[here].spot, message, "");
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_one_component() {
        let components = strongly_connected(&[vec![1], vec![2], vec![0, 3], vec![4], vec![], vec![5]]);
        assert!(components[0] == components[1] && components[1] == components[2]);
        assert!(components[3] != components[2] && components[4] != components[3]);
        let long: Vec<Vec<usize>> = (0..200_000).map(|node| vec![(node + 1) % 200_000]).collect();
        assert!(strongly_connected(&long).windows(2).all(|pair| pair[0] == pair[1]));
    }
}
