using System.Text;
using System.Text.Json;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Terraform;

/// <summary>
/// One pass over a JSON text of any size: a <see cref="Utf8JsonReader"/> that refills itself from <see cref="JsonBytes"/> and knows
/// where it is. All failures are <see cref="CloudsException"/>s with a position. Pass it by reference.
/// </summary>
internal ref struct JsonInput
{
    private readonly JsonBytes _bytes;
    private readonly TextCache _texts;
    private readonly CancellationToken _cancellation;
    private JsonReaderState _stateAtFill;
    private Utf8JsonReader _reader;

    public JsonInput(JsonBytes bytes, TextCache texts, int depthMax, CancellationToken cancellation)
    {
        (_bytes, _texts, _cancellation) = (bytes, texts, cancellation);
        DepthMax = depthMax;
        _stateAtFill = new JsonReaderState(new JsonReaderOptions { MaxDepth = depthMax });
        _bytes.Fill(consumed: 0);
        _reader = new Utf8JsonReader(_bytes.Buffered, _bytes.IsFinal, _stateAtFill);
    }

    public int DepthMax { get; }

    public readonly JsonTokenType Token => _reader.TokenType;

    public readonly int Depth => _reader.CurrentDepth;

    /// <summary>Where the current token starts. Cheap when asked in the order of the text.</summary>
    public readonly SourcePosition Position => _bytes.PositionOf(_reader.TokenStartIndex);

    /// <summary>Moves to the next token; false at the end of the text.</summary>
    public bool Read()
    {
        try
        {
            return _reader.Read() || ReadMore();
        }
        catch (JsonException failure)
        {
            throw Failure(failure);
        }
    }

    /// <summary>Moves to the next token, which must be there.</summary>
    public void MustRead()
    {
        if (!Read()) throw new CloudsException(CloudsErrors.InputTruncated, $"{_bytes.EndPosition}: the file ends too early.");
    }

    /// <summary>The current property name, and on to its value.</summary>
    public string ReadName()
    {
        string name = Text();
        MustRead();
        return name;
    }

    /// <summary>Whether the current property name or text is <paramref name="utf8"/>.</summary>
    public readonly bool Is(ReadOnlySpan<byte> utf8) => _reader.ValueTextEquals(utf8);

    /// <summary>The current text or property name.</summary>
    public readonly string Text()
    {
        if (!_reader.ValueIsEscaped) return _texts.Get(_reader.ValueSpan);
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate or bytes that are no UTF-8: shown as they stand.
            return Encoding.UTF8.GetString(_reader.ValueSpan);
        }
    }

    /// <summary>The current text, or null (and on) when the token is none.</summary>
    public string? TextOrNull()
    {
        if (Token is JsonTokenType.String) return Text();
        Skip();
        return null;
    }

    public readonly bool TryGetWhole(out long value) => _reader.TryGetInt64(out value);

    public readonly bool TryGetReal(out double value) => _reader.TryGetDouble(out value) && double.IsFinite(value);

    /// <summary>The current number as it is written.</summary>
    public readonly string NumberText() => Encoding.UTF8.GetString(_reader.ValueSpan);

    /// <summary>Moves to the last token of the current value.</summary>
    public void Skip()
    {
        if (Token is JsonTokenType.PropertyName) MustRead();
        if (Token is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) return;
        int depth = Depth;
        do MustRead();
        while (Depth > depth);
    }

    /// <summary>Moves into the current object; false, past the value, when it is none.</summary>
    public bool EnterObject()
    {
        if (Token is JsonTokenType.StartObject) return true;
        Skip();
        return false;
    }

    /// <summary>Moves to the next property name of the object entered; false at its end.</summary>
    public bool NextProperty()
    {
        MustRead();
        return Token is JsonTokenType.PropertyName;
    }

    /// <summary>Moves to the next item of the list entered; false at its end.</summary>
    public bool NextItem()
    {
        MustRead();
        return Token is not JsonTokenType.EndArray;
    }

    private bool ReadMore()
    {
        while (!_bytes.IsFinal)
        {
            _cancellation.ThrowIfCancellationRequested();
            _stateAtFill = _reader.CurrentState;
            _bytes.Fill((int)_reader.BytesConsumed);
            _reader = new Utf8JsonReader(_bytes.Buffered, _bytes.IsFinal, _stateAtFill);
            if (_reader.Read()) return true;
        }

        return false;
    }

    private readonly CloudsException Failure(JsonException failure)
    {
        var position = new SourcePosition(_bytes.Name, (int)(failure.LineNumber ?? 0) + 1, (int)(failure.BytePositionInLine ?? 0) + 1);
        if (_bytes.IsFinal && IsGoodBeginning())
            return new(CloudsErrors.InputTruncated, $"{_bytes.EndPosition}: the file ends too early.", failure);
        if (IsTooDeep())
            return new(CloudsErrors.InputTooDeep, $"{position}: values are nested more than {DepthMax} deep.", failure);
        return new(CloudsErrors.InputNotJson, $"{position}: this is not JSON.", failure);
    }

    /// <summary>Whether what the reader refuses to enter is one more level, and one too many.</summary>
    private readonly bool IsTooDeep()
    {
        int open = Depth + (Token is JsonTokenType.StartObject or JsonTokenType.StartArray ? 1 : 0);
        ReadOnlySpan<byte> rest = _bytes.Buffered[(int)_reader.BytesConsumed..].TrimStart(" \t\r\n,:"u8);
        return open >= DepthMax && !rest.IsEmpty && rest[0] is (byte)'{' or (byte)'[';
    }

    /// <summary>Whether the text could go on: it is wrong only in that it ends.</summary>
    private readonly bool IsGoodBeginning()
    {
        try
        {
            var probe = new Utf8JsonReader(_bytes.Buffered, isFinalBlock: false, _stateAtFill);
            while (probe.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
