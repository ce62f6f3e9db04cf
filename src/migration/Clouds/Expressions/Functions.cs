using System.Collections.Frozen;
using System.Text;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Expressions;

/// <summary>One function of the language: how many arguments it takes and the step a call becomes.</summary>
internal sealed record Function(int ArgumentsMin, int ArgumentsMax, Func<string, Node[], Node> Call)
{
    private static readonly FrozenDictionary<string, Function> ByName = new Dictionary<string, Function>(StringComparer.Ordinal)
    {
        ["exists"] = Of(value => AttributeValue.Of(!value.IsNull)),
        ["count"] = Of(Lists.Count),
        ["lower"] = Of(Texts.Lower),
        ["upper"] = Of(Texts.Upper),
        ["trim"] = Of(Texts.Trim),
        ["number"] = Of(Texts.Number),
        ["text"] = Of(Texts.Text),
        ["bool"] = Of(Texts.Truth),
        ["last"] = Of(Texts.Last),
        ["before"] = Of(Texts.Before),
        ["after"] = Of(Texts.After),
        ["split"] = Of(Texts.Split),
        ["replace"] = Of(Texts.Replace),
        ["join"] = Of(Texts.Join),
        ["list"] = Of(Lists.List),
        ["first"] = Of(Lists.First),
        ["flatten"] = Of(Lists.Flatten),
        ["keys"] = Of(Lists.Keys),
        ["values"] = Of(Lists.Values),
        ["min"] = Of(Lists.Min),
        ["max"] = Of(Lists.Max),
        ["sum"] = Of(Lists.Sum),
        ["json"] = Of(JsonText.Read),
        ["if"] = new(3, 3, (name, arguments) => new IfNode(name, arguments)),
        ["switch"] = new(3, 63, (name, arguments) => new SwitchNode(name, arguments)),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The function of a name; null when there is none.</summary>
    public static Function? Named(string name) => ByName.GetValueOrDefault(name);

    /// <summary>What the function takes, for messages.</summary>
    public string Arity => ArgumentsMin == ArgumentsMax
        ? ArgumentsMin == 1 ? "1 argument" : $"{ArgumentsMin} arguments"
        : $"{ArgumentsMin} to {ArgumentsMax} arguments";

    private static Function Of(Func<AttributeValue, AttributeValue> function) =>
        new(1, 1, (name, arguments) => new CallNode(name, arguments, (a, _, _) => function(a)));

    private static Function Of(Func<AttributeValue, AttributeValue, AttributeValue> function) =>
        new(2, 2, (name, arguments) => new CallNode(name, arguments, (a, b, _) => function(a, b)));

    private static Function Of(Func<AttributeValue, AttributeValue, AttributeValue, AttributeValue> function) =>
        new(3, 3, (name, arguments) => new CallNode(name, arguments, function));
}

/// <summary>A call whose arguments are all evaluated first.</summary>
internal class CallNode(
    string name, Node[] arguments, Func<AttributeValue, AttributeValue, AttributeValue, AttributeValue>? function = null) : Node
{
    protected ReadOnlySpan<Node> Arguments => arguments;

    public override AttributeValue Evaluate(in Scope scope) => function!(
        arguments[0].Evaluate(scope),
        arguments.Length > 1 ? arguments[1].Evaluate(scope) : AttributeValue.Null,
        arguments.Length > 2 ? arguments[2].Evaluate(scope) : AttributeValue.Null);

    public override void Print(StringBuilder text)
    {
        text.Append(name).Append('(');
        PrintList(text, arguments);
        text.Append(')');
    }
}

/// <summary><c>if(c, a, b)</c>: null when the condition is unknown.</summary>
internal sealed class IfNode(string name, Node[] arguments) : CallNode(name, arguments)
{
    public override AttributeValue Evaluate(in Scope scope) => Judgement.Truth(Arguments[0].Evaluate(scope)) switch
    {
        true => Arguments[1].Evaluate(scope),
        false => Arguments[2].Evaluate(scope),
        null => AttributeValue.Null,
    };
}

/// <summary><c>switch(x, k, v, …, otherwise)</c>: null when x is null or masked, or nothing fits and there is no otherwise.</summary>
internal sealed class SwitchNode(string name, Node[] arguments) : CallNode(name, arguments)
{
    public override AttributeValue Evaluate(in Scope scope)
    {
        AttributeValue value = Arguments[0].Evaluate(scope);
        if (value.Type is AttributeType.Null or AttributeType.Masked) return AttributeValue.Null;
        int index = 1;
        for (; index + 1 < Arguments.Length; index += 2)
            if (Judgement.AreEqual(value, Arguments[index].Evaluate(scope)) is true)
                return Arguments[index + 1].Evaluate(scope);
        return index < Arguments.Length ? Arguments[index].Evaluate(scope) : AttributeValue.Null;
    }
}
