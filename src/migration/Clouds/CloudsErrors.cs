using Sirsi.Core.Errors;

namespace Sirsi.Clouds;

/// <summary>The documented ways this library fails or complains: 4000 to 4199.</summary>
public static partial class CloudsErrors
{
    /// <summary>A path given as an estate does not exist.</summary>
    public static readonly ErrorCode InputMissing =
        new(4000, "The input does not exist", "Check the path. Give a Terraform state, the JSON of a plan, or a folder that holds some.");

    /// <summary>The operating system refused to open or read an input.</summary>
    public static readonly ErrorCode InputUnreadable =
        new(4001, "The input can not be read", "Check its permissions, and that no other program holds it.");

    /// <summary>An input is larger than the limit; nothing of it was read, or reading stopped there.</summary>
    public static readonly ErrorCode InputTooLarge =
        new(4002, "The input is larger than the limit", "Give smaller files (one state per stack), or raise the limit.");

    /// <summary>An input holds no byte but white space.</summary>
    public static readonly ErrorCode InputEmpty =
        new(4003, "The input is empty", "Write it again, for example with 'terraform show -json'.");

    /// <summary>An input is no JSON text.</summary>
    public static readonly ErrorCode InputNotJson =
        new(4004, "The input is not JSON", "Give a state file, or what 'terraform show -json PLAN' writes; a binary plan must be shown first.");

    /// <summary>An input is a good beginning of a JSON text and ends there.</summary>
    public static readonly ErrorCode InputTruncated =
        new(4005, "The input ends too early", "It was cut off when it was written or copied; fetch it again.");

    /// <summary>Values in an input are nested deeper than the limit.</summary>
    public static readonly ErrorCode InputTooDeep =
        new(4006, "The input is nested too deeply", "No state or plan needs such nesting; check where the file comes from, or raise the limit.");

    /// <summary>An input is JSON, and neither a state nor a plan.</summary>
    public static readonly ErrorCode InputNotTerraform =
        new(4007, "The input is neither a Terraform state nor a plan", "Give a state file, or what 'terraform show -json' writes.");

    /// <summary>A state or plan has a version this program does not read.</summary>
    public static readonly ErrorCode InputVersion =
        new(4008, "The version of the state or plan is not supported",
            "States of versions 3 and 4 and plans of format 0.1 to 1.x are read; rewrite it with a Terraform that writes one of these.");

    /// <summary>The frame of a state or plan has another type than it must have.</summary>
    public static readonly ErrorCode InputWrongShape =
        new(4009, "A part of the input has the wrong type", "The file was edited or damaged; write it again.");

    /// <summary>The inputs hold more resources than the limit.</summary>
    public static readonly ErrorCode TooManyResources =
        new(4010, "The inputs hold more resources than the limit", "Give fewer states at once, or raise the limit.");

    /// <summary>A folder given as an estate holds no state and no plan.</summary>
    public static readonly ErrorCode FolderWithoutInput =
        new(4011, "The folder holds no Terraform state and no plan", "Give a folder with *.tfstate files or plan JSON in it.");

    /// <summary>A folder given as an estate holds more files than the limit.</summary>
    public static readonly ErrorCode TooManyFiles =
        new(4012, "The folder holds more files than the limit", "Give the folder of one estate, or its files one by one.");

    /// <summary>A resource or instance could not be understood and was left out.</summary>
    public static readonly ErrorCode ResourceDropped =
        new(4020, "A resource was left out because its entry is wrong", "Repair the entry at the position given, or refresh the state.");

    /// <summary>One input holds an address twice.</summary>
    public static readonly ErrorCode DuplicateAddress =
        new(4021, "An address occurs twice in one input; the first one is kept", "Repair the state; each address may occur once.");

    /// <summary>A resource type our tables do not know.</summary>
    public static readonly ErrorCode UnknownType =
        new(4022, "A resource type is not known; its resources stay in the estate as 'unknown'", "A person decides what becomes of them.");

    /// <summary>Relations were left out because a resource has more than the limit.</summary>
    public static readonly ErrorCode RelationsCut =
        new(4023, "Relations were left out because there are too many", "Raise the limit if all are needed; the estate is usable without.");

    /// <summary>An object that Terraform replaced and has not destroyed yet.</summary>
    public static readonly ErrorCode DeposedObject =
        new(4024, "An object that waits to be destroyed was left out", "Apply the configuration to destroy it; it may still cost money.");

    /// <summary>A JSON file of a folder is neither a state nor a plan.</summary>
    public static readonly ErrorCode FileSkipped =
        new(4025, "A file of the folder is neither a state nor a plan and was left out", "Nothing to do if that is expected.");

    /// <summary>A mark of a sensitive value could not be understood, so all texts of the resource were masked.</summary>
    public static readonly ErrorCode SensitiveMarkUnclear =
        new(4026, "A mark of a sensitive value could not be read", "All texts of the resource are masked; refresh the state with Terraform to see them.");

    /// <summary>The same file was given twice.</summary>
    public static readonly ErrorCode InputRepeated =
        new(4027, "The same input was given twice; it was read once", "Nothing to do.");

    /// <summary>An estate document is not what its schema says.</summary>
    public static readonly ErrorCode EstateDocument =
        new(4030, "The estate document is not valid", "Write it again with this program; see docs/schemas/estate.md.");
}
