namespace Sirsi.Bus.Schemas.Walking;

/// <summary>A fault on its way out of the message it was found in; each message it leaves adds the field it lay in.</summary>
internal sealed class WalkFault(PayloadFaultKind kind, int offset, string reason)
{
    private readonly List<string> _path = [];

    public void Enclose(string field) => _path.Add(field);

    public PayloadFault Report(string schema, int version)
    {
        string path = string.Join('.', Enumerable.Reverse(_path));
        string place = path.Length == 0 ? "" : path + ": ";
        return new PayloadFault(kind, offset, path, $"{schema} version {version}: {place}{reason} at byte {offset}.");
    }
}
