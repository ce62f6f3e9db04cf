using System.Globalization;
using Sirsi.Clouds;
using Sirsi.Clouds.Prices;

namespace Sirsi.PriceBook;

/// <summary>Builds the price book from the folder of sources.</summary>
internal static class PriceBookBuilder
{
    internal static IReadOnlyList<CloudBook> Read(string sourceFolder)
    {
        var folder = new SourceFolder(sourceFolder);
        var aws = new CloudBook(Cloud.Aws, "us-east-1", "eu-west-1");
        var azure = new CloudBook(Cloud.Azure, "eastus", "westus", "southeastasia");
        var gcp = new CloudBook(Cloud.Gcp, "us-central1");

        var awsVms = new AwsVms(folder, aws);
        var azureVms = new AzureVms(folder, azure);
        awsVms.ReadSpecs();
        azureVms.ReadSpecs();
        AddExtraSizes(aws, azure);
        awsVms.Read();
        azureVms.Read();
        new GcpPrices(folder, gcp).Read();
        new ServicePrices(folder, aws, azure, gcp).Read();
        return [aws, azure, gcp];
    }

    internal static byte[] Build(string sourceFolder) => BookWriter.Write(Read(sourceFolder));

    // Sizes that have prices, and stand in estates, but are too old for the sources of specifications.
    private static void AddExtraSizes(CloudBook aws, CloudBook azure)
    {
        foreach (string[] row in SourceFolder.OwnTable("extra-sizes.tsv"))
        {
            CloudBook book = row[0] == "aws" ? aws : azure;
            double localDisk = double.Parse(row[7], CultureInfo.InvariantCulture);
            var spec = new Spec(row[2], int.Parse(row[3], CultureInfo.InvariantCulture), double.Parse(row[4], CultureInfo.InvariantCulture))
            {
                Gpus = int.Parse(row[5], CultureInfo.InvariantCulture),
                GpuModel = row[6],
                LocalDiskGiB = localDisk,
                Flags = Enum.Parse<SizeFlags>(row[8]) | (localDisk != 0 ? SizeFlags.LocalDisk : SizeFlags.None),
            };
            book.Specs.TryAdd(row[1], spec);
        }
    }
}
