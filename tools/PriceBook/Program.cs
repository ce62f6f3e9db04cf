using Sirsi.Clouds;
using Sirsi.PriceBook;

if (args.Length != 2)
{
    await Console.Error.WriteLineAsync("usage: PriceBook SOURCE_FOLDER OUTPUT_FILE");
    return 2;
}
try
{
    byte[] book = PriceBookBuilder.Build(args[0]);
    await File.WriteAllBytesAsync(args[1], book);
    await Console.Out.WriteLineAsync($"{args[1]}: {book.Length} bytes");
    return 0;
}
catch (CloudsException failure)
{
    await Console.Error.WriteLineAsync($"{failure.Code}: {failure.Message}");
    return 1;
}
