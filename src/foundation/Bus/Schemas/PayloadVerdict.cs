using Sirsi.Core.Errors;

namespace Sirsi.Bus.Schemas;

/// <summary>What is wrong with a payload.</summary>
public enum PayloadFaultKind
{
    /// <summary>Its schema, or that version of it, is not registered.</summary>
    UnknownSchema,

    /// <summary>It is larger than <see cref="SchemaOptions.PayloadBytesMax"/>.</summary>
    TooLarge,

    /// <summary>Messages or groups lie deeper in each other than <see cref="SchemaOptions.DepthMax"/>.</summary>
    TooDeep,

    /// <summary>A value goes beyond the end of the payload or of the message it lies in.</summary>
    Truncated,

    /// <summary>A varint has more than ten bytes, or more than 64 bits.</summary>
    VarintOverflow,

    /// <summary>A tag has more than five bytes or more than 32 bits, or its field number is 0.</summary>
    InvalidTag,

    /// <summary>A length has more than five bytes, or is 2 GiB or more.</summary>
    InvalidLength,

    /// <summary>The wire type is 6 or 7, which mean nothing.</summary>
    InvalidWireType,

    /// <summary>A field of the schema has another wire type than its type has.</summary>
    WrongWireType,

    /// <summary>A group is ended that was not begun, or not ended.</summary>
    UnbalancedGroup,

    /// <summary>A string is not UTF-8.</summary>
    InvalidUtf8,

    /// <summary>A required field (proto2) is absent.</summary>
    RequiredMissing,
}

/// <summary>Why a payload is refused. Never holds a value of the payload.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Offset">The byte of the payload where it shows, from 0: the tag of the field at fault, or the byte that is wrong.</param>
/// <param name="Path">The fields that lead there, such as <c>progress.percent</c>; <c>#17</c> for a field the schema does not know; empty for the payload itself.</param>
/// <param name="Message">One sentence for the user, with schema, path and offset.</param>
public sealed record PayloadFault(PayloadFaultKind Kind, int Offset, string Path, string Message)
{
    /// <summary>The documented failure to report it under.</summary>
    public ErrorCode Code => Kind switch
    {
        PayloadFaultKind.UnknownSchema => BusErrors.SchemaUnknown,
        PayloadFaultKind.TooLarge or PayloadFaultKind.TooDeep => BusErrors.PayloadBeyondLimit,
        _ => BusErrors.PayloadMalformed,
    };
}

/// <summary>What <see cref="SchemaRegistry.Check"/> found.</summary>
/// <param name="Fault">Why the payload is refused; null when it is accepted.</param>
public readonly record struct PayloadVerdict(PayloadFault? Fault)
{
    /// <summary>Whether the payload may be published.</summary>
    public bool IsAccepted => Fault is null;
}
