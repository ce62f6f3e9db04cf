namespace Sirsi.Migration.Emitting.Terraform.Hcl;

/// <summary>A value on the right of an attribute. Immutable.</summary>
internal abstract record HclValue
{
    /// <summary>A quoted text; null gives null, which a body leaves out.</summary>
    public static implicit operator HclValue?(string? text) => text is null ? null : new HclTemplate([new HclText(text)]);

    /// <summary>A truth value.</summary>
    public static implicit operator HclValue?(bool? truth) => truth is { } value ? new HclExpression(value ? "true" : "false") : null;

    /// <summary>A whole number.</summary>
    public static implicit operator HclValue?(long? number) => number is { } value ? new HclExpression($"{value}") : null;

    /// <summary>A truth value.</summary>
    public static implicit operator HclValue(bool truth) => new HclExpression(truth ? "true" : "false");

    /// <summary>A whole number.</summary>
    public static implicit operator HclValue(long number) => new HclExpression($"{number}");

    /// <summary>A whole number.</summary>
    public static implicit operator HclValue(int number) => new HclExpression($"{number}");
}

/// <summary>An expression on one line, written as it is: a reference, a number, a keyword.</summary>
internal sealed record HclExpression(string Source) : HclValue;

/// <summary>A quoted text made of parts: texts, which are escaped, and expressions, which are interpolated.</summary>
internal sealed record HclTemplate(IReadOnlyList<HclValue> Parts) : HclValue;

/// <summary>The literal part of a template.</summary>
internal sealed record HclText(string Text) : HclValue;

/// <summary>A list.</summary>
internal sealed record HclList(IReadOnlyList<HclValue> Items) : HclValue;

/// <summary>An object, in the order given.</summary>
internal sealed record HclMap(IReadOnlyList<(string Key, HclValue Value)> Entries) : HclValue;

/// <summary>A function call.</summary>
internal sealed record HclCall(string Function, IReadOnlyList<HclValue> Arguments) : HclValue;

/// <summary>Shorthand for values that code cannot write as C# literals.</summary>
internal static class HclValues
{
    /// <summary>An expression written as it is.</summary>
    public static HclValue Expr(string source) => new HclExpression(source);

    /// <summary>A quoted text of texts and expressions.</summary>
    public static HclValue Template(params IReadOnlyList<HclValue> parts) =>
        new HclTemplate([.. parts.SelectMany(static part => part is HclTemplate inner ? inner.Parts : [part])
            .Where(static part => part is not HclText { Text.Length: 0 })]);

    /// <summary>A list of what is not null.</summary>
    public static HclValue List(params IEnumerable<HclValue?> items) => new HclList([.. items.OfType<HclValue>()]);

    /// <summary>A list of texts.</summary>
    public static HclValue Texts(params IEnumerable<string> items) => List(items.Select(static item => (HclValue?)item));

    /// <summary>An object of the entries whose value is not null.</summary>
    public static HclValue Map(params IEnumerable<(string Key, HclValue? Value)> entries) =>
        new HclMap([.. entries.Where(static entry => entry.Value is not null).Select(static entry => (entry.Key, entry.Value!))]);

    /// <summary>A function call.</summary>
    public static HclValue Call(string function, params IReadOnlyList<HclValue> arguments) => new HclCall(function, arguments);
}
