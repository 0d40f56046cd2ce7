//! Walks the syntax tree of a template and says which names it may look up in its context.
//!
//! What is reported is never too little: a name that only some path through the template assigns counts as free
//! wherever another path may reach it.

use std::collections::BTreeSet;

use minijinja::machinery::{Span, ast};

/// What a [`walk`] reports, in the order of the text.
pub trait Visitor<'a> {
    /// A name that may be looked up in the context.
    fn free_variable(&mut self, _name: &'a str) {}
    /// An expression, before its parts. `loops` are the names that are bound there, outermost first.
    fn expression(&mut self, _expression: &ast::Expr<'a>, _loops: &[Loop<'_, 'a>]) {}
    /// A partial that is named literally by the statement or expression at `span`.
    fn partial(&mut self, _name: &str, _span: Span) {}
    /// That the expressions which follow name the partial of the statement at `span`, and that none does any more.
    fn naming(&mut self, _span: Option<Span>) {}
    /// A block that is defined.
    fn block(&mut self, _name: &'a str) {}
    /// A macro that is defined.
    fn macro_name(&mut self, _name: &'a str) {}
}

/// What a name is bound to where an expression stands: by a loop, or by `set` and `with`.
pub struct Loop<'tree, 'a> {
    /// The name.
    pub variable: &'a str,
    /// What is iterated, or what the name is set to.
    pub value: &'tree ast::Expr<'a>,
    /// Whether the name is bound to each item of the value.
    pub each: bool,
}

/// Walks a template.
pub fn walk<'a>(template: &ast::Stmt<'a>, visitor: &mut dyn Visitor<'a>) {
    Walker { visitor, scopes: vec![BTreeSet::new()], loops: Vec::new() }.statement(template);
}

/// Walks a bare expression.
pub fn walk_expression<'a>(expression: &ast::Expr<'a>, visitor: &mut dyn Visitor<'a>) {
    Walker { visitor, scopes: vec![BTreeSet::new()], loops: Vec::new() }.expression(expression);
}

struct Walker<'visitor, 'tree, 'a> {
    visitor: &'visitor mut dyn Visitor<'a>,
    /// Names that are certainly assigned, by scope.
    scopes: Vec<BTreeSet<&'a str>>,
    loops: Vec<Loop<'tree, 'a>>,
}

impl<'tree, 'a> Walker<'_, 'tree, 'a> {
    fn assign_name(&mut self, name: &'a str) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name);
        }
    }

    fn assign(&mut self, target: &'tree ast::Expr<'a>) {
        match target {
            ast::Expr::Var(variable) => self.assign_name(variable.id),
            ast::Expr::List(list) => list.items.iter().for_each(|item| self.assign(item)),
            ast::Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.assign(item)),
            // `set namespace.attribute = …` reads the namespace.
            other => self.expression(other),
        }
    }

    fn scoped(&mut self, body: impl FnOnce(&mut Self)) {
        let bound = self.loops.len();
        self.scopes.push(BTreeSet::new());
        body(self);
        self.scopes.pop();
        self.loops.truncate(bound);
    }

    /// Remembers what a name is set to.
    fn bind(&mut self, target: &'tree ast::Expr<'a>, value: &'tree ast::Expr<'a>) {
        if let ast::Expr::Var(variable) = target {
            self.loops.push(Loop { variable: variable.id, value, each: false });
        }
    }

    fn body(&mut self, body: &'tree [ast::Stmt<'a>]) {
        for statement in body {
            self.statement(statement);
        }
    }

    fn scoped_body(&mut self, body: &'tree [ast::Stmt<'a>]) {
        self.scoped(|walker| walker.body(body));
    }

    fn statement(&mut self, statement: &'tree ast::Stmt<'a>) {
        match statement {
            ast::Stmt::Template(template) => self.body(&template.children),
            ast::Stmt::EmitExpr(emit) => self.expression(&emit.expr),
            ast::Stmt::EmitRaw(_) | ast::Stmt::Continue(_) | ast::Stmt::Break(_) => {}
            ast::Stmt::ForLoop(each) => self.for_loop(each),
            ast::Stmt::IfCond(condition) => {
                self.expression(&condition.expr);
                self.scoped_body(&condition.true_body);
                self.scoped_body(&condition.false_body);
            }
            ast::Stmt::WithBlock(with) => self.scoped(|walker| {
                for (target, value) in &with.assignments {
                    walker.expression(value);
                    walker.assign(target);
                    walker.bind(target, value);
                }
                walker.body(&with.body);
            }),
            ast::Stmt::Set(set) => {
                self.expression(&set.expr);
                self.assign(&set.target);
                self.bind(&set.target, &set.expr);
            }
            ast::Stmt::SetBlock(set) => {
                self.scoped_body(&set.body);
                self.optional(set.filter.as_ref());
                self.assign(&set.target);
            }
            ast::Stmt::AutoEscape(escape) => {
                self.expression(&escape.enabled);
                self.scoped_body(&escape.body);
            }
            ast::Stmt::FilterBlock(filter) => {
                self.scoped_body(&filter.body);
                self.expression(&filter.filter);
            }
            ast::Stmt::Block(block) => {
                self.visitor.block(block.name);
                self.scoped_body(&block.body);
            }
            ast::Stmt::Extends(extends) => self.partial(&extends.name, extends.span()),
            ast::Stmt::Include(include) => self.partial(&include.name, include.span()),
            ast::Stmt::Import(import) => {
                self.partial(&import.expr, import.span());
                self.assign(&import.name);
            }
            ast::Stmt::FromImport(import) => {
                self.partial(&import.expr, import.span());
                for (name, alias) in &import.names {
                    self.assign(alias.as_ref().unwrap_or(name));
                }
            }
            ast::Stmt::Macro(definition) => {
                self.visitor.macro_name(definition.name);
                // A macro may call itself.
                self.assign_name(definition.name);
                self.macro_body(definition);
            }
            ast::Stmt::CallBlock(block) => {
                self.call(&block.call);
                self.macro_body(&block.macro_decl);
            }
            ast::Stmt::Do(call) => self.call(&call.call),
        }
    }

    fn for_loop(&mut self, each: &'tree ast::ForLoop<'a>) {
        self.expression(&each.iter);
        self.scoped(|walker| {
            walker.assign_name("loop");
            walker.assign(&each.target);
            if let ast::Expr::Var(variable) = &each.target {
                walker.loops.push(Loop { variable: variable.id, value: &each.iter, each: true });
            }
            walker.optional(each.filter_expr.as_ref());
            walker.body(&each.body);
        });
        self.scoped_body(&each.else_body);
    }

    fn macro_body(&mut self, definition: &'tree ast::Macro<'a>) {
        self.scoped(|walker| {
            walker.assign_name("caller");
            definition.defaults.iter().for_each(|default| walker.expression(default));
            definition.args.iter().for_each(|argument| walker.assign(argument));
            walker.body(&definition.body);
        });
    }

    fn call(&mut self, call: &'tree ast::Call<'a>) {
        match &call.expr {
            // `super()` is part of the language, and so is `self.block()`.
            ast::Expr::Var(variable) if variable.id == "super" => {}
            ast::Expr::GetAttr(attribute) if is_variable(&attribute.expr, "self") => {}
            callee => self.expression(callee),
        }
        self.arguments(&call.args);
    }

    fn arguments(&mut self, arguments: &'tree [ast::CallArg<'a>]) {
        for argument in arguments {
            match argument {
                ast::CallArg::Pos(value)
                | ast::CallArg::Kwarg(_, value)
                | ast::CallArg::PosSplat(value)
                | ast::CallArg::KwargSplat(value) => self.expression(value),
            }
        }
    }

    fn optional(&mut self, expression: Option<&'tree ast::Expr<'a>>) {
        if let Some(expression) = expression {
            self.expression(expression);
        }
    }

    fn all(&mut self, expressions: &'tree [ast::Expr<'a>]) {
        for expression in expressions {
            self.expression(expression);
        }
    }

    fn expression(&mut self, expression: &'tree ast::Expr<'a>) {
        self.visitor.expression(expression, &self.loops);
        match expression {
            ast::Expr::Var(variable) => {
                if !self.scopes.iter().any(|scope| scope.contains(variable.id)) {
                    self.visitor.free_variable(variable.id);
                }
            }
            ast::Expr::Const(_) => {}
            ast::Expr::Slice(slice) => {
                self.expression(&slice.expr);
                self.optional(slice.start.as_ref());
                self.optional(slice.stop.as_ref());
                self.optional(slice.step.as_ref());
            }
            ast::Expr::UnaryOp(operation) => self.expression(&operation.expr),
            ast::Expr::BinOp(operation) => {
                self.expression(&operation.left);
                self.expression(&operation.right);
            }
            ast::Expr::Compare(comparison) => {
                self.expression(&comparison.expr);
                comparison.ops.iter().for_each(|operand| self.expression(&operand.expr));
            }
            ast::Expr::IfExpr(condition) => {
                self.expression(&condition.test_expr);
                self.expression(&condition.true_expr);
                self.optional(condition.false_expr.as_ref());
            }
            ast::Expr::Filter(filter) => {
                self.optional(filter.expr.as_ref());
                self.arguments(&filter.args);
            }
            ast::Expr::Test(test) => {
                self.expression(&test.expr);
                self.arguments(&test.args);
            }
            ast::Expr::GetAttr(attribute) => self.expression(&attribute.expr),
            ast::Expr::GetItem(item) => {
                self.expression(&item.expr);
                self.expression(&item.subscript_expr);
            }
            ast::Expr::Call(call) => self.call(call),
            ast::Expr::List(list) => self.all(&list.items),
            ast::Expr::Tuple(tuple) => self.all(&tuple.items),
            ast::Expr::Map(map) => {
                self.all(&map.keys);
                self.all(&map.values);
            }
        }
    }

    fn partial(&mut self, name: &'tree ast::Expr<'a>, span: Span) {
        self.literals(name, span);
        self.visitor.naming(Some(span));
        self.expression(name);
        self.visitor.naming(None);
    }

    /// Reports the partials that an expression names literally: a string, a list of them, or a choice between them.
    fn literals(&mut self, name: &ast::Expr<'a>, span: Span) {
        match name {
            ast::Expr::IfExpr(condition) => {
                self.literals(&condition.true_expr, span);
                if let Some(other) = &condition.false_expr {
                    self.literals(other, span);
                }
            }
            ast::Expr::List(list) => list.items.iter().for_each(|item| self.literals(item, span)),
            ast::Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.literals(item, span)),
            other => {
                let Some(value) = other.as_const() else { return };
                if let Some(text) = value.as_str() {
                    self.visitor.partial(text, span);
                } else if let Ok(items) = value.try_iter() {
                    items
                        .filter_map(|item| item.as_str().map(str::to_owned))
                        .for_each(|item| self.visitor.partial(&item, span));
                }
            }
        }
    }
}

fn is_variable(expression: &ast::Expr<'_>, name: &str) -> bool {
    matches!(expression, ast::Expr::Var(variable) if variable.id == name)
}
