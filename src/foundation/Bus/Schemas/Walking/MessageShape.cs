using System.Numerics;
using Google.Protobuf.Reflection;

namespace Sirsi.Bus.Schemas.Walking;

/// <summary>
/// What the walker needs of a message's descriptor: its fields by number. Shapes refer to each other as the messages do, so they may form
/// circles. Immutable once <see cref="Of"/> has returned.
/// </summary>
internal sealed class MessageShape
{
    /// <summary>Required fields are noted in the bits of one word.</summary>
    public const int RequiredFieldsMax = 64;

    // Fields whose numbers are small are found by index, the others by search.
    private FieldShape?[] _byNumber = [];
    private uint[] _largeNumbers = [];
    private FieldShape[] _large = [];
    private FieldShape[] _requiredFields = [];

    private MessageShape()
    {
    }

    /// <summary>The bits of all required fields.</summary>
    public ulong Required { get; private set; }

    /// <summary>The shape of a message and of all it leads to.</summary>
    /// <exception cref="BusException">A message has more than <see cref="RequiredFieldsMax"/> required fields.</exception>
    public static MessageShape Of(MessageDescriptor root)
    {
        var shapes = new Dictionary<MessageDescriptor, MessageShape>();
        var unfilled = new Queue<MessageDescriptor>();
        MessageShape result = ShapeOf(root);
        // A queue and no recursion: a chain of types may be as long as its descriptor.
        while (unfilled.TryDequeue(out MessageDescriptor? message)) shapes[message].Fill(message, ShapeOf);
        return result;

        MessageShape ShapeOf(MessageDescriptor message)
        {
            if (shapes.TryGetValue(message, out MessageShape? known)) return known;
            unfilled.Enqueue(message);
            return shapes[message] = new MessageShape();
        }
    }

    public FieldShape? Find(uint number)
    {
        FieldShape?[] byNumber = _byNumber;
        if (number < (uint)byNumber.Length) return byNumber[number];
        if (_largeNumbers.Length == 0) return null;
        int index = Array.BinarySearch(_largeNumbers, number);
        return index < 0 ? null : _large[index];
    }

    /// <summary>The first required field that is not among <paramref name="seen"/>.</summary>
    public FieldShape FirstMissing(ulong seen) => _requiredFields[BitOperations.TrailingZeroCount(Required & ~seen)];

    private void Fill(MessageDescriptor message, Func<MessageDescriptor, MessageShape> shapeOf)
    {
        var fields = new List<FieldShape>();
        var required = new List<FieldShape>();
        bool isMapEntry = message.ToProto().Options?.MapEntry == true;
        foreach (FieldDescriptor field in message.Fields.InFieldNumberOrder())
        {
            bool isRequired = field.IsRequired || (isMapEntry && DefaultLacksRequired(field));
            if (isRequired && required.Count == RequiredFieldsMax)
            {
                throw new BusException(BusErrors.SchemaBeyondLimit,
                    $"{message.FullName} has more than {RequiredFieldsMax} required fields. Make the others optional.");
            }

            var shape = new FieldShape(field, isRequired ? 1UL << required.Count : 0);
            if (shape.Kind is ValueKind.Message or ValueKind.Group) shape.Child = shapeOf(field.MessageType);
            if (isRequired) required.Add(shape);
            Required |= shape.RequiredBit;
            fields.Add(shape);
        }

        _requiredFields = [.. required];
        Arrange(fields);
    }

    /// <summary>An entry of a map without a value stands for an empty message, which is whole only when nothing in it is required.</summary>
    private static bool DefaultLacksRequired(FieldDescriptor field) =>
        field.FieldNumber == 2 && field.FieldType == FieldType.Message
        && field.MessageType.Fields.InFieldNumberOrder().Any(static inner => inner.IsRequired);

    private void Arrange(List<FieldShape> fields)
    {
        // The table stays in proportion to the fields, however large the numbers are.
        uint tableMax = 16 + (4 * (uint)fields.Count);
        FieldShape[] small = [.. fields.Where(field => field.Number < tableMax)];
        _large = [.. fields.Where(field => field.Number >= tableMax)];
        _largeNumbers = [.. _large.Select(static field => field.Number)];
        if (small.Length == 0) return;
        _byNumber = new FieldShape?[small[^1].Number + 1];
        foreach (FieldShape field in small) _byNumber[field.Number] = field;
    }
}
