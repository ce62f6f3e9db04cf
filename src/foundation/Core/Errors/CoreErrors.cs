namespace Sirsi.Core.Errors;

/// <summary>
/// The documented failures of this library, 1000 to 1099. Each part of it lists its own codes beside its code:
/// general 1000–1009, governor 1010–1029, plugins 1030–1059, cryptography and keys 1060–1079, ids and logging 1080–1089.
/// </summary>
public static partial class CoreErrors
{
    /// <summary>A bug of ours: something happened that no input may cause.</summary>
    public static ErrorCode Unexpected { get; } = new(
        1000, "Unexpected failure", "This is a defect of SirsiNexus: report it together with what was printed.");

    /// <summary>A file or folder that has to be read or written cannot be.</summary>
    public static ErrorCode FileInaccessible { get; } = new(
        1001, "File or folder cannot be read or written", "Check that the path exists, and that this user may read or write it.");
}
