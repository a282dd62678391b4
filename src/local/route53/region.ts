// Where the AWS regions are: coordinates for latency and geoproximity, country and continent for geolocation.
// Plain data; `location.ts` measures with it.

export interface RegionPlace {
  readonly latitude: number
  readonly longitude: number
  /** AWS: AF, AN, AS, EU, OC, NA or SA. */
  readonly continent: string
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  /** AWS knows subdivisions of the US and Ukraine only. */
  readonly subdivision?: string
}

const at = (
  latitude: number,
  longitude: number,
  continent: string,
  country: string,
  subdivision?: string,
): RegionPlace => ({ latitude, longitude, continent, country, ...(subdivision && { subdivision }) })

/** AWS: the regions that a latency record may name (the SDK's ResourceRecordSetRegion), with the city they are named after. */
export const REGIONS: Readonly<Record<string, RegionPlace>> = {
  'us-east-1': at(38.9, -77.4, 'NA', 'US', 'VA'),
  'us-east-2': at(40.0, -83.0, 'NA', 'US', 'OH'),
  'us-west-1': at(37.4, -121.9, 'NA', 'US', 'CA'),
  'us-west-2': at(45.8, -119.7, 'NA', 'US', 'OR'),
  'us-gov-east-1': at(40.0, -82.9, 'NA', 'US', 'OH'),
  'us-gov-west-1': at(45.6, -119.6, 'NA', 'US', 'OR'),
  'ca-central-1': at(45.5, -73.6, 'NA', 'CA'),
  'ca-west-1': at(51.0, -114.1, 'NA', 'CA'),
  'mx-central-1': at(20.6, -100.4, 'NA', 'MX'),
  'sa-east-1': at(-23.5, -46.6, 'SA', 'BR'),
  'eu-west-1': at(53.3, -6.3, 'EU', 'IE'),
  'eu-west-2': at(51.5, -0.1, 'EU', 'GB'),
  'eu-west-3': at(48.9, 2.4, 'EU', 'FR'),
  'eu-central-1': at(50.1, 8.7, 'EU', 'DE'),
  'eu-central-2': at(47.4, 8.5, 'EU', 'CH'),
  'eu-north-1': at(59.3, 18.1, 'EU', 'SE'),
  'eu-south-1': at(45.5, 9.2, 'EU', 'IT'),
  'eu-south-2': at(41.6, -0.9, 'EU', 'ES'),
  'eusc-de-east-1': at(52.4, 13.1, 'EU', 'DE'),
  'il-central-1': at(32.1, 34.8, 'AS', 'IL'),
  'me-central-1': at(24.5, 54.4, 'AS', 'AE'),
  'me-south-1': at(26.1, 50.6, 'AS', 'BH'),
  'af-south-1': at(-33.9, 18.4, 'AF', 'ZA'),
  'ap-south-1': at(19.1, 72.9, 'AS', 'IN'),
  'ap-south-2': at(17.4, 78.5, 'AS', 'IN'),
  'ap-southeast-1': at(1.35, 103.8, 'AS', 'SG'),
  'ap-southeast-2': at(-33.9, 151.2, 'OC', 'AU'),
  'ap-southeast-3': at(-6.2, 106.8, 'AS', 'ID'),
  'ap-southeast-4': at(-37.8, 145.0, 'OC', 'AU'),
  'ap-southeast-5': at(3.1, 101.7, 'AS', 'MY'),
  'ap-southeast-6': at(-36.8, 174.8, 'OC', 'NZ'),
  'ap-southeast-7': at(13.8, 100.5, 'AS', 'TH'),
  'ap-northeast-1': at(35.7, 139.7, 'AS', 'JP'),
  'ap-northeast-2': at(37.6, 127.0, 'AS', 'KR'),
  'ap-northeast-3': at(34.7, 135.5, 'AS', 'JP'),
  'ap-east-1': at(22.3, 114.2, 'AS', 'HK'),
  'ap-east-2': at(25.0, 121.6, 'AS', 'TW'),
  'cn-north-1': at(39.9, 116.4, 'AS', 'CN'),
  'cn-northwest-1': at(37.5, 105.2, 'AS', 'CN'),
}
