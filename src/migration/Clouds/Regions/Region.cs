namespace Sirsi.Clouds.Regions;

/// <summary>A place a cloud runs things in.</summary>
/// <param name="Cloud">Whose region it is.</param>
/// <param name="Id">The cloud's own id: <c>us-east-1</c>, <c>westeurope</c>, <c>europe-west4</c>.</param>
/// <param name="Name">The name for people: <c>Ireland</c>, <c>West Europe</c>.</param>
/// <param name="Country">ISO 3166 two-letter code of the country; <c>EU</c>, <c>US</c> or <c>AS</c> for Google's multi-regions.</param>
/// <param name="Jurisdiction">
/// Whose law data there is under: <c>EU</c> for its member states, <c>US-GOV</c> for government regions, otherwise the country.
/// </param>
/// <param name="Latitude">Degrees north of the metropolitan area, to about one degree.</param>
/// <param name="Longitude">Degrees east, to about one degree.</param>
/// <param name="OnRequest">Whether the cloud lets only customers in who ask, as in Azure's recovery regions and AWS local zones.</param>
public sealed record Region(
    Cloud Cloud, string Id, string Name, string Country, string Jurisdiction, double Latitude, double Longitude, bool OnRequest)
{
    private const double EarthRadiusKm = 6371;

    /// <summary>Great-circle distance in kilometres (haversine formula).</summary>
    public double DistanceKm(Region other)
    {
        ArgumentNullException.ThrowIfNull(other);
        double latitudes = Radians(other.Latitude - Latitude);
        double longitudes = Radians(other.Longitude - Longitude);
        double chord = Square(Math.Sin(latitudes / 2))
            + (Math.Cos(Radians(Latitude)) * Math.Cos(Radians(other.Latitude)) * Square(Math.Sin(longitudes / 2)));
        return 2 * EarthRadiusKm * Math.Asin(Math.Min(1, Math.Sqrt(chord)));
    }

    private static double Radians(double degrees) => degrees * Math.PI / 180;

    private static double Square(double value) => value * value;
}
