using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Sirsi.Hypervisor.LanguageModels;

/// <summary>Whose words a message of a conversation is.</summary>
public enum ModelRole
{
    /// <summary>The one who asks.</summary>
    User,

    /// <summary>The model, as it answered before.</summary>
    Assistant,
}

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Whose words.</param>
/// <param name="Text">The words. Secrets are not filled in: what a model is told it may repeat.</param>
public sealed record ModelMessage(ModelRole Role, string Text);

/// <summary>A request to a language model. Immutable.</summary>
/// <param name="Model">The model's name, as its provider calls it: 1 to 128 letters, digits and <c>. _ - / :</c>, beginning and ending with a letter or digit.</param>
/// <param name="Messages">The conversation, the oldest first; the last one is the user's.</param>
public sealed partial record ModelRequest(string Model, ImmutableArray<ModelMessage> Messages)
{
    /// <summary>The most messages.</summary>
    public const int MessagesMax = 1_000;

    /// <summary>The most texts that end an answer.</summary>
    public const int StopMax = 8;

    /// <summary>The longest text that ends an answer, in characters.</summary>
    public const int StopLengthMax = 256;

    /// <summary>A conversation of one message.</summary>
    public ModelRequest(string model, string text)
        : this(model, [new ModelMessage(ModelRole.User, text)])
    {
    }

    /// <summary>What the model is told before the conversation; empty, the default, for nothing.</summary>
    public string System { get; init; } = "";

    /// <summary>The most tokens of the answer; default 1,024.</summary>
    public int OutputTokensMax { get; init; } = 1_024;

    /// <summary>How freely it answers, 0 to 2; null, the default, as the model does by itself.</summary>
    public double? Temperature { get; init; }

    /// <summary>Texts before which the answer ends; default none.</summary>
    public ImmutableArray<string> Stop { get; init; } = [];

    /// <summary>Every broken rule, in words for the one who wrote the request; empty when it is valid. Texts are not quoted.</summary>
    public IEnumerable<string> Problems()
    {
        if (!IsModelName(Model)) yield return "Model is no name: it is 1 to 128 letters, digits and '.', '_', '-', '/', ':', beginning and ending with a letter or digit, without '..'.";
        if (Messages.IsDefaultOrEmpty) yield return "There are no messages.";
        else if (Messages.Length > MessagesMax) yield return $"There are {Messages.Length} messages; at most {MessagesMax} are sent.";
        else if (Messages.Any(static message => message is null || message.Text is null || !Enum.IsDefined(message.Role))) yield return "A message has no text or no role.";
        else if (Messages[^1].Role is not ModelRole.User) yield return "The last message is the user's.";
        if (System is null) yield return "System is missing; it may be empty.";
        if (OutputTokensMax < 1) yield return $"OutputTokensMax is {OutputTokensMax}; it must be at least 1.";
        if (Temperature is { } temperature && !(temperature >= 0 && temperature <= 2)) yield return $"Temperature is {temperature}; it must be 0 to 2.";
        if (Stop.IsDefault || Stop.Length > StopMax || Stop.Any(static text => text is null or { Length: 0 or > StopLengthMax })) yield return $"Stop has at most {StopMax} texts of 1 to {StopLengthMax} characters.";
    }

    /// <summary>What all its texts have together.</summary>
    internal long Characters => System.Length + Messages.Sum(static message => (long)message.Text.Length);

    internal string StepName => Model.Length <= StepNameLengthMax ? $"complete {Model}" : $"complete {Model[..StepNameLengthMax]}";

    private const int StepNameLengthMax = 100;

    internal static bool IsModelName(string? name) => name is not null && NamePattern().IsMatch(name) && !name.Contains("..", StringComparison.Ordinal);

    /// <summary>Model and length; what is said is nobody's business.</summary>
    public override string ToString() => $"{Model}, {Messages.Length} messages";

    [GeneratedRegex("^[A-Za-z0-9]([A-Za-z0-9._/:-]{0,126}[A-Za-z0-9])?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();
}
