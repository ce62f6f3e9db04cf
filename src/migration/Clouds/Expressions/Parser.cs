using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Expressions;

/// <summary>
/// Reads tokens by recursive descent, one method per level of the grammar. A mistake is reported and stepped over, so that one
/// reading finds all of them.
/// </summary>
internal sealed class Parser(List<Token> tokens, ExpressionProblems problems, ParserFindings findings)
{
    private int _at;
    private int _depth;
    private int _itemDepth;

    private Token Next => tokens[_at];

    public Node ParseWhole()
    {
        Node whole = ParseOr();
        while (Next.Type is not TokenType.End)
        {
            Unexpected("an operator or the end");
            _at++;
            if (Next.Type is not TokenType.End) ParseOr();
        }

        return whole;
    }

    private Node ParseOr() => ParseChain("or", deciding: true, ParseAnd);

    private Node ParseAnd() => ParseChain("and", deciding: false, ParseNot);

    private Node ParseChain(string word, bool deciding, Func<Node> parseOperand)
    {
        Node first = parseOperand();
        if (!IsWord(word)) return first;
        List<Node> operands = [first];
        while (TakeWord(word)) operands.Add(parseOperand());
        return new LogicNode(deciding, [.. operands]);
    }

    private Node ParseNot()
    {
        if (!IsWord("not")) return ParseComparison();
        int start = _at++;
        return Nested(start, () => new NotNode(ParseNot()));
    }

    private Node ParseComparison()
    {
        Node left = ParseSum();
        Token sign = Next;
        if (sign.Type is TokenType.Name && sign.Text == "matches")
        {
            _at++;
            return ParsePattern(left);
        }

        if (sign.Type is not (TokenType.Name or TokenType.Sign) || ComparisonNode.Named(sign.Text) is not { } comparison) return left;
        _at++;
        Node right = ParseSum();
        if (comparison is not (Comparison.Equal or Comparison.NotEqual)) return new ComparisonNode(comparison, left, right);
        bool wantsNull = comparison is Comparison.Equal;
        if (IsNull(right)) return new NullCheckNode(left, wantsNull);
        return IsNull(left) ? new NullCheckNode(right, wantsNull) : new ComparisonNode(comparison, left, right);
    }

    private static bool IsNull(Node node) => node is ConstantNode { Value.IsNull: true };

    private Node ParsePattern(Node operand)
    {
        Token token = Next;
        if (token.Type is not TokenType.Text)
        {
            Unexpected("a pattern in single quotes");
            return operand;
        }

        _at++;
        if (MatchNode.TryCompile(token.Text) is { } pattern) return new MatchNode(operand, pattern);
        problems.Add(CloudsErrors.ExpressionPattern, token.Offset, "this pattern is not valid, too long, or needs backtracking");
        return operand;
    }

    private Node ParseSum() => ParseArithmetic(Binding.Sum, "+", "-", ParseProduct);

    private Node ParseProduct() => ParseArithmetic(Binding.Product, "*", "/", ParseDefault);

    private Node ParseArithmetic(Binding binding, string one, string other, Func<Node> parseOperand)
    {
        Node first = parseOperand();
        if (!IsSign(one) && !IsSign(other)) return first;
        List<(char, Node)> rest = [];
        while (IsSign(one) || IsSign(other))
        {
            char sign = tokens[_at++].Text[0];
            rest.Add((sign, parseOperand()));
        }

        return new ArithmeticNode(binding, first, [.. rest]);
    }

    private Node ParseDefault()
    {
        Node first = ParsePath();
        if (!IsSign("??")) return first;
        List<Node> operands = [first];
        while (TakeSign("??")) operands.Add(ParsePath());
        return new DefaultNode([.. operands]);
    }

    private Node ParsePath()
    {
        Node start = ParsePrimary();
        List<PathStep>? steps = null;
        while (IsSign(".") || IsSign("["))
            if (ParseStep() is { } step)
                (steps ??= []).Add(step);
        return steps is null ? start : new PathNode(start, [.. steps]);
    }

    private PathStep? ParseStep()
    {
        if (TakeSign("."))
        {
            if (Next.Type is TokenType.Name) return new PathStep(tokens[_at++].Text, -1);
            Unexpected("a name");
            return null;
        }

        _at++;
        Token inside = Next;
        PathStep? step = inside switch
        {
            { Type: TokenType.Text } => new PathStep(inside.Text, -1),
            { Type: TokenType.Number } when int.TryParse(inside.Text, out int index) => new PathStep(null, index),
            { Type: TokenType.Sign, Text: "*" } => new PathStep(null, -1),
            _ => null,
        };
        if (step is null) Unexpected("an index, a name in single quotes, or *");
        else _at++;
        Expect("]");
        return step;
    }

    private Node ParsePrimary()
    {
        Token token = Next;
        switch (token.Type)
        {
            case TokenType.Number:
                _at++;
                return Number(token, negative: false);
            case TokenType.Text:
                _at++;
                return new ConstantNode(AttributeValue.Of(token.Text));
            case TokenType.Name:
                return ParseName();
            case TokenType.Sign when token.Text == "(":
                return Nested(_at++, () => Closed(ParseOr(), ")"));
            case TokenType.Sign when token.Text == "[":
                return Nested(_at++, () => new ListNode(ParseItems("]")));
            case TokenType.Sign when token.Text == "-" && tokens[_at + 1].Type is TokenType.Number:
                _at += 2;
                return Number(tokens[_at - 1], negative: true);
            default:
                Unexpected("a value");
                if (token.Type is not TokenType.End && token.Text is not (")" or "]" or ",")) _at++;
                return ConstantNode.Null;
        }
    }

    private static ConstantNode Number(Token token, bool negative) =>
        long.TryParse(token.Text, out long whole)
            ? new ConstantNode(AttributeValue.Of(negative ? -whole : whole))
            : new ConstantNode(AttributeValue.Of(negative ? -token.Number : token.Number));

    private Node ParseName()
    {
        Token token = tokens[_at++];
        if (IsSign("(")) return Nested(_at++, () => ParseCall(token));
        switch (token.Text)
        {
            case "true" or "false":
                return new ConstantNode(AttributeValue.Of(token.Text == "true"));
            case "null":
                return ConstantNode.Null;
            case "and" or "or" or "in" or "not":
                _at--;
                Unexpected("a value");
                _at++;
                return ConstantNode.Null;
            case NameNode.It when _itemDepth > 0:
                return new NameNode(token.Text);
            default:
                (_itemDepth > 0 ? findings.ItemReferences : findings.References).Add(token.Text);
                return new NameNode(token.Text);
        }
    }

    private Node ParseCall(Token name)
    {
        if (name.Text == "map") return new MapNode(ParseEntries());
        if (ItemFunctionOf(name.Text) is { } itemFunction) return ParseItemCall(itemFunction);
        Node[] arguments = ParseItems(")");
        if (Function.Named(name.Text) is not { } function)
        {
            problems.Add(CloudsErrors.ExpressionCall, name.Offset, $"there is no function '{name.Text}'");
            return ConstantNode.Null;
        }

        if (arguments.Length >= function.ArgumentsMin && arguments.Length <= function.ArgumentsMax)
            return function.Call(name.Text, arguments);
        problems.Add(CloudsErrors.ExpressionCall, name.Offset, $"'{name.Text}' takes {function.Arity}, not {arguments.Length}");
        return ConstantNode.Null;
    }

    private static ItemFunction? ItemFunctionOf(string name) => name switch
    {
        "any" => ItemFunction.Any,
        "all" => ItemFunction.All,
        "each" => ItemFunction.Each,
        "where" => ItemFunction.Where,
        _ => null,
    };

    private Node ParseItemCall(ItemFunction function)
    {
        Node list = ParseOr();
        Expect(",");
        _itemDepth++;
        Node body = ParseOr();
        _itemDepth--;
        return Closed(new ItemNode(function, list, body), ")");
    }

    private (string, Node)[] ParseEntries()
    {
        List<(string, Node)> entries = [];
        if (TakeSign(")")) return [];
        do
        {
            Token name = Next;
            if (name.Type is TokenType.Name) _at++;
            else Unexpected("a name");
            Expect(":");
            entries.Add((name.Text, ParseOr()));
        }
        while (TakeSign(","));
        Expect(")");
        return [.. entries];
    }

    private Node[] ParseItems(string closing)
    {
        List<Node> items = [];
        if (TakeSign(closing)) return [];
        do items.Add(ParseOr());
        while (TakeSign(","));
        Expect(closing);
        return [.. items];
    }

    private Node Closed(Node node, string closing)
    {
        Expect(closing);
        return node;
    }

    // Beyond the limit nothing more is read: the stack stays small and one problem tells it all.
    private Node Nested(int opening, Func<Node> parse)
    {
        if (_depth >= Expression.DepthMax)
        {
            problems.Add(CloudsErrors.ExpressionTooLarge, tokens[opening].Offset, $"more than {Expression.DepthMax} levels are open here");
            problems.Close();
            _at = tokens.Count - 1;
            return ConstantNode.Null;
        }

        _depth++;
        Node node = parse();
        _depth--;
        return node;
    }

    private bool IsWord(string word) => Next.Type is TokenType.Name && Next.Text == word;

    private bool IsSign(string sign) => Next.Type is TokenType.Sign && Next.Text == sign;

    private bool TakeWord(string word) => IsWord(word) && Take();

    private bool TakeSign(string sign) => IsSign(sign) && Take();

    private bool Take()
    {
        _at++;
        return true;
    }

    private void Expect(string sign)
    {
        if (!TakeSign(sign)) Unexpected($"'{sign}'");
    }

    private void Unexpected(string wanted) => problems.Add(
        CloudsErrors.ExpressionSyntax,
        Next.Offset,
        Next.Type is TokenType.End ? $"{wanted} is missing at the end" : $"{wanted} is expected here");
}
